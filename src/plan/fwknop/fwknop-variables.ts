import { configError, type FilePlace } from '../../util/errors.ts';
import { MAX_PORT } from '../../util/text.ts';
import { DIGESTS } from './spa-packet.ts';

/** A value and its location. Text is one character per byte (latin1). */
export interface SpaSetting extends FilePlace {
  /** The name of the variable, or the Knock keyword that sets it. */
  readonly name: string;
  readonly value: string;
}

/** The destination of a value: a variable of fwknoprc, or one of the two meanings of a variable. */
export type SpaSlot = string;

/** The settings of one door. */
export type SpaSettings = ReadonlyMap<SpaSlot, SpaSetting>;

interface Variable {
  /** The valid values, if the client refuses others. */
  readonly must?: { readonly be: string; readonly match: (value: string) => boolean };
  /** The length to which the client truncates a value. */
  readonly keep?: number;
  /** Default: the variable's own name. @returns undefined if the value has no effect. */
  readonly slot?: (value: string) => SpaSlot | undefined;
}

/** 2 << 15, the limit of FW_TIMEOUT and of the number in TIME_OFFSET. */
const MAX_NUMBER = 65536;
const MODES = ['cbc', 'ecb', 'cfb', 'ofb', 'ctr', 'asymmetric', 'legacy'];
const PROTOCOLS = ['udp', 'udpraw', 'tcp', 'tcpraw', 'icmp', 'http'];

const text = (keep = 1023): Variable => ({ keep });
const oneOf = (words: readonly string[]): Variable => ({
  must: { be: `one of ${words.join(', ')}`, match: (value) => words.includes(value.toLowerCase()) },
});
const number = (max: number): Variable => ({
  must: { be: `a number from 0 to ${max}`, match: (value) => inRange(leadingNumber(value), max) },
});
/** Only `Y` and `y` set a flag, and nothing unsets it (config_init.c: is_yes_str). */
const flag = (slot: SpaSlot): Variable => ({ slot: (value) => (/^y$/i.test(value) ? slot : undefined) });
const base64: Variable = {
  must: { be: 'base64', match: (value) => /^[A-Za-z0-9+/=]*$/.test(value) },
  keep: 180,
};

/** All variables of fwknop 2.6.10 (client/config_init.c: fko_var_array, parse_rc_param). */
const VARIABLES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ['DIGEST_TYPE', oneOf(Object.keys(DIGESTS))],
  ['HMAC_DIGEST_TYPE', oneOf(Object.keys(DIGESTS))],
  ['SPA_SERVER_PROTO', oneOf(PROTOCOLS)],
  ['ENCRYPTION_MODE', oneOf(MODES)],
  ['SPA_SERVER_PORT', number(MAX_PORT)],
  ['SPA_SOURCE_PORT', number(MAX_PORT)],
  ['NAT_PORT', number(MAX_PORT)],
  ['FW_TIMEOUT', number(MAX_NUMBER)],
  ['VERBOSE', number(4)],
  ['KEY_BASE64', base64],
  ['HMAC_KEY_BASE64', base64],
  ['GPG_SIGNING_PW_BASE64', base64],
  ['KEY', text(128)],
  ['HMAC_KEY', text(128)],
  ['SPOOF_USER', text(29)],
  ['SPA_SERVER', text(49)],
  [
    'ALLOW_IP',
    {
      must: { be: 'source, resolve or an IPv4 address', match: (value) => isAllow(value) },
      slot: (value) => (value.toLowerCase() === 'resolve' ? 'RESOLVE' : 'ALLOW_IP'),
    },
  ],
  [
    'TIME_OFFSET',
    {
      must: { be: `at most ${MAX_NUMBER}, with m, h or d if not in seconds`, match: isOffset },
      slot: (value) => (value.startsWith('-') ? 'TIME_OFFSET_MINUS' : 'TIME_OFFSET'),
    },
  ],
  ...['RESOLVE_IP_HTTP', 'RESOLVE_IP_HTTPS'].map((name) => [name, flag('RESOLVE')] as const),
  ...['USE_GPG', 'USE_HMAC', 'RAND_PORT', 'NAT_LOCAL', 'NAT_RAND_PORT'].map(
    (name) => [name, flag(name)] as const,
  ),
  ...['ACCESS', 'NAT_ACCESS', 'RESOLVE_URL', 'KEY_FILE', 'HMAC_KEY_FILE'].map(
    (name) => [name, text()] as const,
  ),
  ...['GPG_SIGNING_PW', 'SPOOF_SOURCE_IP', 'WGET_CMD'].map((name) => [name, text()] as const),
  ...['GPG_RECIPIENT', 'GPG_SIGNER', 'GPG_HOMEDIR', 'GPG_EXE'].map((name) => [name, text()] as const),
  ...['USE_GPG_AGENT', 'GPG_NO_SIGNING_PW', 'NO_SAVE_ARGS'].map((name) => [name, text()] as const),
  ...['USE_WGET_USER_AGENT', 'HTTP_USER_AGENT', 'RESOLVE_HTTP_ONLY'].map((name) => [name, text()] as const),
  ['SERVER_RESOLVE_IPV4', text()],
]);

/**
 * Sets a variable; a later value replaces an earlier one, as in the client.
 *
 * @param variable its name in fwknoprc, case-sensitive.
 * @throws KnockproxyError `FILE line N: ...` for an unknown variable and for a value that the client refuses.
 * Quotes neither: in an invalid line any word may be a key.
 */
export function setVariable(settings: Map<SpaSlot, SpaSetting>, variable: string, entry: SpaSetting): void {
  const known = VARIABLES.get(variable);
  if (known === undefined) {
    throw configError(
      entry,
      'fwknop has no variable of this name',
      'a line has the form VARIABLE VALUE, without =',
    );
  }
  if (known.must && !known.must.match(entry.value)) {
    throw configError(entry, `${entry.name} must be ${known.must.be}`);
  }
  const slot = known.slot ? known.slot(entry.value) : variable;
  if (slot !== undefined) settings.set(slot, { ...entry, value: entry.value.slice(0, known.keep) });
}

/** strtol(3): the leading digits of a text, else 0. */
export function leadingNumber(value: string): number {
  return Number(/^[+-]?\d+/.exec(value)?.[0] ?? 0);
}

/** TIME_OFFSET without its sign, in seconds (parse_time_offset); other characters are skipped. */
export function offsetSeconds(value: string): number {
  const [counted = '', unit = ''] = value.split(/([mhd].*)/is, 2);
  const unitS: Record<string, number> = { m: 60, h: 3600, d: 86_400 };
  return Number(counted.replace(/\D/g, '')) * (unitS[unit.slice(0, 1).toLowerCase()] ?? 1);
}

function isOffset(value: string): boolean {
  const digits = value.split(/[mhd]/i, 1)[0]!.replace(/\D/g, '');
  return digits !== '' && digits.length < 9 && Number(digits) <= MAX_NUMBER;
}

function isAllow(value: string): boolean {
  return /^(source|resolve)$/i.test(value) || isIPv4(value);
}

/** Four numbers without leading zeros, which some parsers read as octal. */
export function isIPv4(value: string): boolean {
  return (
    /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(value) && value.split('.').every((n) => Number(n) < 256)
  );
}

function inRange(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}
