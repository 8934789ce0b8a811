import type { Setting } from '../ssh-config/evaluate.ts';

/** ssh's LogLevel as a number: -3 QUIET ... 0 INFO, 1 VERBOSE, 2-4 DEBUG1-3. */
export type LogLevel = number;

const LOG_LEVELS = ['quiet', 'fatal', 'error', 'info', 'verbose', 'debug', 'debug2', 'debug3'];
const INFO = LOG_LEVELS.indexOf('info');

/**
 * Parses ssh's time format (misc.c: convtime): `90`, `1m30s`, `2h`.
 *
 * @returns seconds; undefined for `none` and 0, and where ssh refuses the value because it exceeds an int.
 */
export function parseSshTime(text: string): number | undefined {
  const part = /\+?(\d+)([smhdw]?)/iy;
  let seconds = 0;
  for (let at = 0; at < text.length; at = part.lastIndex) {
    const [, count, unit] = part.exec(text) ?? [];
    if (count === undefined) return undefined;
    seconds += Number(count) * UNIT_S[unit!.toLowerCase()]!;
    if (seconds > INT_MAX) return undefined;
  }
  return seconds || undefined;
}

const UNIT_S: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const INT_MAX = 2 ** 31 - 1;

export function readFamily(setting: Setting | undefined): 0 | 4 | 6 {
  const word = setting?.words[0]?.toLowerCase();
  return word === 'inet' ? 4 : word === 'inet6' ? 6 : 0;
}

export function readLogLevel(setting: Setting | undefined): LogLevel {
  const word = (setting?.words[0] ?? 'info').toLowerCase().replace(/^debug1$/, 'debug');
  const level = LOG_LEVELS.indexOf(word);
  return level < 0 ? 0 : level - INFO;
}
