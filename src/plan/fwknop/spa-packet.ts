/**
 * Builds the UDP payload that fwknop calls a SPA packet: protocol 3.0.0, AES-256-CBC with an optional HMAC. With the same
 * settings, random digits, salt, time and user the bytes are those of fwknop 2.6.10.
 */

/** The part of node:crypto used here; a parameter, so that other doors never load it. */
type Crypto = Pick<typeof import('node:crypto'), 'createHash' | 'createHmac' | 'createCipheriv'>;

/** The names of digests in fwknop (common/fko_util.c: digest_strtoint) and in Node. */
export const DIGESTS = {
  md5: { node: 'md5', bytes: 16 },
  sha1: { node: 'sha1', bytes: 20 },
  sha256: { node: 'sha256', bytes: 32 },
  sha384: { node: 'sha384', bytes: 48 },
  sha512: { node: 'sha512', bytes: 64 },
  sha3_256: { node: 'sha3-256', bytes: 32 },
  sha3_512: { node: 'sha3-512', bytes: 64 },
} as const;

export type Digest = keyof typeof DIGESTS;

/** Message types without and with a client timeout (lib/fko.h: fko_message_type_t). */
export const MESSAGE_TYPES = { access: [1, 3], nat: [2, 4], localNat: [5, 6] } as const;

/** The constant content of the packets of a door. Text is one character per byte (latin1). */
export interface SpaContent {
  readonly type: (typeof MESSAGE_TYPES)[keyof typeof MESSAGE_TYPES][number];
  /** What to open: `proto/port[,proto/port]`. */
  readonly access: string;
  /** `host,port`, for the types with NAT. */
  readonly nat?: string;
  /** How long the door should stay open, for the types with a timeout: 1-65536. */
  readonly timeoutS?: number;
  readonly user: string;
  readonly digest: Digest;
  /** The passphrase, 1-32 bytes. */
  readonly key: Uint8Array;
  /** Undefined: the packet has no HMAC. The key has 1-128 bytes. */
  readonly hmac?: { readonly digest: Digest; readonly key: Uint8Array };
}

/** Must be new in every packet: fwknopd accepts no packet twice. */
export interface PacketNonce {
  /** 16 decimal digits. */
  readonly random: string;
  /** 8 bytes. */
  readonly salt: Uint8Array;
  /** Unix time in seconds; fwknopd accepts a difference of 120 s. */
  readonly timeS: number;
}

/** fwknopd treats payloads of this length and more as GPG (lib/fko_limits.h: MIN_GNUPG_MSG_SIZE). */
export const TOO_LONG = 400;

const VERSION = '3.0.0';
/** The prefix of base64 of `Salted__` that does not depend on the salt; not sent (fko_get_spa_data). */
const SALTED = 'U2FsdGVkX1';
const RANDOM_DIGITS = 16;
/** The largest time that fwknop can encode. */
const LAST_S = 0xffffffff;
const SALT_BYTES = 8;

/**
 * Builds the payload of one datagram.
 *
 * @param allow the IPv4 address to let in; 0.0.0.0: the source of the packet.
 * @throws Error of node:crypto, which contains no key, if this Node lacks a digest.
 */
export function buildPacket(content: SpaContent, allow: string, fresh: PacketNonce, crypto: Crypto): Buffer {
  const encrypted = encrypt(plaintext(content, allow, fresh, crypto), content.key, fresh.salt, crypto);
  return Buffer.from(encrypted.slice(SALTED.length) + mac(content, encrypted, crypto), 'latin1');
}

/** The length of the payload in bytes: fwknopd misreads one that is too long. */
export function packetLength(content: SpaContent, allow: string): number {
  const encoded = encode(content, allow, { random: '0'.repeat(RANDOM_DIGITS), timeS: LAST_S });
  const plain = encoded.length + 1 + base64Length(DIGESTS[content.digest].bytes);
  const blocks = Math.floor(plain / 16) + 1;
  const macLength = content.hmac ? base64Length(DIGESTS[content.hmac.digest].bytes) : 0;
  return base64Length(2 * SALT_BYTES + blocks * 16) - SALTED.length + macLength;
}

/**
 * Creates random digits, salt and time for one packet.
 *
 * @param randomBytes cryptographically strong, as crypto.randomBytes.
 * @param offsetS TIME_OFFSET, in seconds.
 */
export function newNonce(randomBytes: (size: number) => Uint8Array, nowMs: number, offsetS = 0): PacketNonce {
  const value = Buffer.from(randomBytes(8)).readBigUInt64BE() % 10n ** BigInt(RANDOM_DIGITS);
  return {
    random: value.toString().padStart(RANDOM_DIGITS, '0'),
    salt: randomBytes(SALT_BYTES),
    timeS: Math.floor(nowMs / 1000) + offsetS,
  };
}

/** lib/fko_encode.c: fko_encode_spa_data. The digest covers all fields before it and is appended like a field. */
function plaintext(content: SpaContent, allow: string, fresh: PacketNonce, crypto: Crypto): string {
  const encoded = encode(content, allow, fresh);
  const digest = crypto.createHash(DIGESTS[content.digest].node).update(encoded, 'latin1').digest();
  return `${encoded}:${base64(digest)}`;
}

function encode(content: SpaContent, allow: string, { random, timeS }: Omit<PacketNonce, 'salt'>): string {
  return [
    random,
    base64(content.user),
    timeS >>> 0,
    VERSION,
    content.type,
    base64(`${allow},${content.access}`),
    ...(content.nat === undefined ? [] : [base64(content.nat)]),
    ...(content.timeoutS === undefined ? [] : [content.timeoutS]),
  ].join(':');
}

/** lib/cipher_funcs.c: rij_encrypt, rij_salt_and_iv: OpenSSL's `enc`, key and IV from a chain of MD5. */
function encrypt(text: string, pass: Uint8Array, salt: Uint8Array, crypto: Crypto): string {
  let chain = Buffer.alloc(0);
  for (let last = chain; chain.length < 48; chain = Buffer.concat([chain, last])) {
    last = crypto.createHash('md5').update(last).update(pass).update(salt).digest();
  }
  const cipher = crypto.createCipheriv('aes-256-cbc', chain.subarray(0, 32), chain.subarray(32));
  return base64(
    Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(text, 'latin1'), cipher.final()]),
  );
}

/** lib/fko_hmac.c: fko_set_spa_hmac. It includes the first characters that are not sent. */
function mac({ hmac }: SpaContent, encrypted: string, crypto: Crypto): string {
  if (hmac === undefined) return '';
  return base64(crypto.createHmac(DIGESTS[hmac.digest].node, hmac.key).update(encrypted, 'latin1').digest());
}

/** Standard base64 without the padding (lib/base64.c: b64_encode, strip_b64_eq). */
function base64(bytes: Uint8Array | string): string {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
  return buffer.toString('base64').replace(/={1,2}$/, '');
}

function base64Length(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
