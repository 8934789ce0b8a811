import { configError, type FilePlace, type KnockproxyError } from '../../util/errors.ts';
import type { SpaSettings } from './fwknop-variables.ts';
import type { Digest, SpaContent } from './spa-packet.ts';

/** lib/rijndael.h: RIJNDAEL_MAX_KEYSIZE. */
const MAX_KEY_BYTES = 32;
/** client/fwknop_common.h: MAX_KEY_LEN. */
const MAX_HMAC_KEY_BYTES = 128;
const KEY_COMMAND = 'or add to the host KnockSpaKeyCommand, a program that asks for the keys or prints them';
const HINT = 'fwknop --key-gen prints new keys';

/**
 * The keys and the HMAC of a door (client/fwknop.c: get_keys): a raw key overrides one in base64, in any order; without an
 * HMAC key the packet has no HMAC.
 *
 * @throws KnockproxyError for a key that is missing, too long or the same as the other, without quoting it.
 */
export function readKeys(settings: SpaSettings, where: FilePlace): Pick<SpaContent, 'key' | 'hmac'> {
  const key = oneKey(settings, 'KEY', MAX_KEY_BYTES);
  if (key === undefined) throw noKey(settings, where);
  const hmacKey = oneKey(settings, 'HMAC_KEY', MAX_HMAC_KEY_BYTES);
  const digest = (settings.get('HMAC_DIGEST_TYPE')?.value.toLowerCase() ?? 'sha256') as Digest;
  const useHmac = settings.get('USE_HMAC');
  if (useHmac && hmacKey === undefined) {
    throw configError(
      useHmac,
      'USE_HMAC is set, but there is no HMAC_KEY_BASE64',
      lineToAdd('HMAC_KEY'),
      KEY_COMMAND,
      HINT,
    );
  }
  if (hmacKey && Buffer.from(key).equals(hmacKey)) {
    const entry = settings.get('HMAC_KEY') ?? settings.get('HMAC_KEY_BASE64')!;
    throw configError(entry, 'the HMAC key is the same as the encryption key; fwknop refuses that', HINT);
  }
  return { key, ...(hmacKey && { hmac: { digest, key: hmacKey } }) };
}

function noKey(settings: SpaSettings, where: FilePlace): KnockproxyError {
  const elsewhere = settings.get('KEY_FILE') ?? settings.get('HMAC_KEY_FILE');
  if (elsewhere) {
    const hint = 'write KEY_BASE64 and HMAC_KEY_BASE64 here, or use KnockSpaKeyFile';
    return configError(elsewhere, `${elsewhere.name} is not supported`, hint);
  }
  return configError(where, 'there is no KEY_BASE64', lineToAdd('KEY'), KEY_COMMAND, HINT);
}

function lineToAdd(name: string): string {
  return `fwknop asks for it on the terminal; add to the stanza ${name} PASSPHRASE, or ${name}_BASE64`;
}

function oneKey(settings: SpaSettings, name: 'KEY' | 'HMAC_KEY', maxBytes: number): Uint8Array | undefined {
  const raw = settings.get(name);
  const entry = raw ?? settings.get(`${name}_BASE64`);
  if (entry === undefined) return undefined;
  // fwknop's decoder stops at the first `=`.
  const bytes = raw ? Buffer.from(raw.value, 'latin1') : Buffer.from(entry.value.split('=', 1)[0]!, 'base64');
  if (bytes.length < 1) throw configError(entry, `${entry.name} is empty`, HINT);
  if (bytes.length > maxBytes) {
    throw configError(entry, `${entry.name} is longer than the ${maxBytes} bytes that fwknop accepts`, HINT);
  }
  return bytes;
}
