import { readKnockdSequence } from '../knockd/knockd-sequence.ts';
import { fgetsPieces, trim } from '../knockd/knockd-text.ts';
import type { Step } from '../plan/sequence.ts';

/** An unused line of a one-time file. */
export interface OneTimeLine {
  /** The offset of the line, in bytes. */
  readonly at: number;
  /** One character per byte. */
  readonly text: string;
  readonly steps: readonly Step[];
}

/** The sequences for the next opening. */
export interface OneTimePlan {
  /** At least one, in file order: the server may expect any of them. */
  readonly lines: readonly OneTimeLine[];
  /** The indices of `lines` to send, the likeliest first. */
  readonly order: readonly number[];
  /** The last line marked as used, wrongly if the door was open for another reason. */
  readonly lastUsed: readonly Step[] | undefined;
  /** Openings left, including this one; exact up to MAX_COUNTED. */
  readonly left: number;
}

/**
 * The first column of a line, one byte that is overwritten in place:
 *
 * - blank: not sent yet.
 * - tab: sent by a login that has not confirmed that it opened the door. A blank to knockd.
 * - form feed: sent again after an opening, so it is used unless the packets were lost. A blank to knockd, too.
 * - `#`: used, marked as by knockd itself (disable_used_one_time_sequence).
 */
export const MARKS = { fresh: ' ', given: '\t', again: '\f', used: '#' } as const;

const MAX_COUNTED = 9;
/** With more lines between the two likeliest, a login may not have enough attempts for all of them. */
const FEW_BETWEEN = 4;

/**
 * Reads a file of knockd's one_time_sequences, as knockd does (get_next_one_time_sequence).
 *
 * The server uses up a line when its knocks arrive, even if the login fails. So it expects one of the lines that were
 * sent, or the one after them. There is no other limit, because that would lock the client out.
 *
 * The last line is never sent: knockd 0.8 crashes when it is used.
 *
 * @param bytes the file, one character per byte.
 * @param random uniform in [0, 1).
 * @returns undefined if no line is left.
 */
export function planOneTime(bytes: string, random = Math.random): OneTimePlan | undefined {
  const { unused, used } = scan(bytes);
  const next = unused.findIndex(({ text }) => text[0] !== MARKS.again);
  const left = next < 0 ? 0 : unused.length - next - 1;
  if (left < 1) return undefined;
  const count = Math.max(next + 2, unused.findLastIndex(wasSent) + 2);
  const lines = unused.slice(0, Math.min(count, unused.length - 1));
  const order = likeliestFirst(lines.length, next, random);
  return { lines, order, lastUsed: readUsed(used, lines[0]!.steps.length), left };
}

/** How many openings are left in a file. @param bytes the file, one character per byte. */
export function openingsLeft(bytes: string): number {
  const { unused } = scan(bytes, Number.POSITIVE_INFINITY);
  const next = unused.findIndex(({ text }) => text[0] !== MARKS.again);
  return next < 0 ? 0 : unused.length - next - 1;
}

/** Whether a line has been sent. */
export function wasSent({ text }: OneTimeLine): boolean {
  return text[0] === MARKS.given || text[0] === MARKS.again;
}

/**
 * First the next unused line; then the line after all that were sent, which the server expects after logins whose knocks
 * arrived and whose connects failed; then those between, from last to first, so that the server uses up only one of
 * them. If there are many, each login starts with a different one.
 */
function likeliestFirst(count: number, next: number, random: () => number): number[] {
  const last = count - 1;
  const between = [...Array(count).keys()].reverse().filter((index) => index !== next && index !== last);
  const first = between.length > FEW_BETWEEN ? Math.floor(random() * between.length) : 0;
  return [...new Set([next, last, ...between.slice(first), ...between.slice(0, first)])];
}

/** The unused lines, up to `most` of them fresh, and the last used line before them. */
function scan(bytes: string, most = MAX_COUNTED): { unused: OneTimeLine[]; used: string } {
  const unused: OneTimeLine[] = [];
  let used = '';
  let fresh = 0;
  for (const { at, line: text } of fgetsPieces(bytes)) {
    const line = trim(text);
    if (line.startsWith('#') && unused.length === 0) used = line;
    if (line === '' || line.startsWith('#')) continue;
    const steps = readKnockdSequence(line);
    if (typeof steps === 'string') continue;
    const oneTimeLine = { at, text, steps };
    unused.push(oneTimeLine);
    if (!wasSent(oneTimeLine)) fresh++;
    if (fresh > most) break;
  }
  return { unused, used };
}

/** The steps of a used line; undefined for a comment, or if the mark overwrote the first digit. */
function readUsed(line: string, count: number): readonly Step[] | undefined {
  const steps = readKnockdSequence(line.slice(1));
  return typeof steps !== 'string' && steps.length === count && steps.every(({ port }) => port > 0)
    ? steps
    : undefined;
}
