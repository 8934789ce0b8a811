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
