import { configError, type FilePlace } from '../../util/errors.ts';
import { leadingNumber, offsetSeconds, type SpaSetting, type SpaSettings } from './fwknop-variables.ts';
import { readKeys } from './spa-keys.ts';
import { readMessage } from './spa-message.ts';
import { type Digest, packetLength, type SpaContent, TOO_LONG } from './spa-packet.ts';

/** The receiver and the sender of the packets. */
interface SpaTarget {
  /** The name or address that ssh connects to. */
  readonly host: string;
  /** 1-65535. */
  readonly port: number;
  /** The user name for fwknopd's log unless SPOOF_USER is set: see localUser. */
  readonly user: string;
  /** Where the door is configured, for errors that are not in a single line of its settings. */
  readonly where: FilePlace;
}

/** Everything about the packets of one door, except random digits, time and salt. */
export interface SpaRequest {
  readonly content: SpaContent;
  /** The address to let in, or the URL that returns it (requested at each login). */
  readonly allow: { readonly address: string } | { readonly url: string };
  /** The destination of packets, if not the host itself: SPA_SERVER. */
  readonly server?: string;
  /** UDP port, 1-65535. */
  readonly port: number;
  /** Added to the time of each packet, in seconds. */
  readonly offsetS: number;
}

const DEFAULT_PORT = 62201;
/** The user names that fwknopd accepts (lib/fko_user.c: validate_username); it cannot decode longer ones. */
const MAX_USER = 48;
const BAD_IN_USER = /[^ -~]|["*+,/:;<=>?[\\\]|]/g;
/** fwknop(8): what `-R` asks. */
const FWKNOP_RESOLVER = 'https://www.cipherdyne.org/cgi-bin/myip';
const FROM_SOURCE = '0.0.0.0';
const LONGEST_ADDRESS = '255.255.255.255';

/** Features of the client that knockproxy does not support: the supported values, and the message. */
const UNSUPPORTED: readonly (readonly [slot: string, fine: RegExp, message: string])[] = [
  ['USE_GPG', /^$/, 'GPG is not supported; use KEY_BASE64 and HMAC_KEY_BASE64'],
  ['GPG_SIGNING_PW', /^$/, 'GPG is not supported; use KEY_BASE64 and HMAC_KEY_BASE64'],
  ['GPG_SIGNING_PW_BASE64', /^$/, 'GPG is not supported; use KEY_BASE64 and HMAC_KEY_BASE64'],
  ['ENCRYPTION_MODE', /^cbc$/i, 'only the encryption mode CBC is supported'],
  ['SPA_SERVER_PROTO', /^udp$/i, 'packets can only be sent over UDP'],
  ['SPOOF_SOURCE_IP', /^$/, 'packets cannot be sent from a spoofed address'],
  ['RAND_PORT', /^$/, 'a random destination port is not supported; use SPA_SERVER_PORT'],
  ['NAT_RAND_PORT', /^$/, 'a random NAT port is not supported; use NAT_PORT'],
];

/**
 * Decides what to send. Defaults: ACCESS tcp/PORT, SPA_SERVER_PORT 62201, SHA-256 for digest and HMAC.
 *
 * @throws KnockproxyError `FILE line N: ...`, before anything is sent.
 */
export function planRequest(settings: SpaSettings, target: SpaTarget): SpaRequest {
  refuseNotDone(settings);
  const server = readServer(settings.get('SPA_SERVER'));
  const content: SpaContent = {
    ...readMessage(settings, server ?? target.host, target.port),
    user: readUser(settings.get('SPOOF_USER')) ?? target.user,
    digest: (settings.get('DIGEST_TYPE')?.value.toLowerCase() ?? 'sha256') as Digest,
    ...readKeys(settings, target.where),
  };
  const allow = readAllow(settings, target.where);
  const port = readPort(settings.get('SPA_SERVER_PORT'));
  refuseTooLong(content, 'address' in allow ? allow.address : LONGEST_ADDRESS, target.where);
  return { content, allow, port, offsetS: readOffset(settings), ...(server !== undefined && { server }) };
}

/**
 * The user name of the client (lib/fko_user.c: fko_set_username), unless SPOOF_USER is set. The client refuses a name that
 * fwknopd cannot decode; here it is changed to fit.
 */
export function localUser(env: Readonly<Record<string, string | undefined>>, passwdName?: string): string {
  const name = env.SPOOF_USER || passwdName || env.LOGNAME || env.USER || 'NO_USER';
  return name.replace(BAD_IN_USER, '_').slice(0, MAX_USER);
}

function refuseNotDone(settings: SpaSettings): void {
  for (const [slot, fine, message] of UNSUPPORTED) {
    const entry = settings.get(slot);
    if (entry && !fine.test(entry.value)) throw configError(entry, message);
  }
}

function refuseTooLong(content: SpaContent, allow: string, where: FilePlace): void {
  const length = packetLength(content, allow);
  if (length < TOO_LONG) return;
  const hint = 'shorten ACCESS, NAT_ACCESS or SPOOF_USER, or use sha256 as DIGEST_TYPE and HMAC_DIGEST_TYPE';
  throw configError(
    where,
    `the SPA packet has ${length} bytes, and fwknopd accepts at most ${TOO_LONG - 1}`,
    hint,
  );
}

/** An address overrides `resolve`, in any order (config_init.c: validate_options). */
function readAllow(settings: SpaSettings, where: FilePlace): SpaRequest['allow'] {
  const entry = settings.get('ALLOW_IP');
  if (entry) return { address: entry.value.toLowerCase() === 'source' ? FROM_SOURCE : entry.value };
  const url = settings.get('RESOLVE_URL');
  if (url) return { url: url.value };
  const resolve = settings.get('RESOLVE');
  const hint = 'ALLOW_IP source, or KnockSpaAllow source, lets in the address that the packet comes from';
  if (resolve === undefined) throw configError(where, 'there is no ALLOW_IP', hint);
  throw configError(
    resolve,
    'to resolve, knockproxy needs a RESOLVE_URL: there is no default',
    `add to this stanza: RESOLVE_URL ${FWKNOP_RESOLVER}, which fwknop asks`,
    hint,
  );
}

/** fwknopd captures IPv4 packets only (server/process_packet.c). */
function readServer(entry: SpaSetting | undefined): string | undefined {
  if (entry?.value.includes(':')) {
    throw configError(entry, `${entry.name} is an IPv6 address, and fwknop supports IPv4 only`);
  }
  return entry?.value;
}

function readPort(entry: SpaSetting | undefined): number {
  const port = entry ? leadingNumber(entry.value) : DEFAULT_PORT;
  if (entry && port < 1) throw configError(entry, `${entry.name} is not a port from 1 to 65535`);
  return port;
}

function readOffset(settings: SpaSettings): number {
  const minus = offsetSeconds(settings.get('TIME_OFFSET_MINUS')?.value ?? '0');
  return minus > 0 ? -minus : offsetSeconds(settings.get('TIME_OFFSET')?.value ?? '0');
}

function readUser(entry: SpaSetting | undefined): string | undefined {
  if (entry && entry.value.search(BAD_IN_USER) >= 0) {
    throw configError(entry, `${entry.name} has a character that fwknop does not accept in a user name`);
  }
  return entry?.value;
}
