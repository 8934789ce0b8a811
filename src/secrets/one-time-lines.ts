import { readKnockdSequence } from '../knockd/knockd-sequence.ts';
import { fgetsPieces, trim } from '../knockd/knockd-text.ts';
import type { Step } from '../plan/sequence.ts';

/** A line of a one-time file that is not used yet. */
export interface OneTimeLine {
  /** Where it begins in the file, in bytes. */
  readonly at: number;
  /** Its bytes, one a character. */
  readonly text: string;
  readonly steps: readonly Step[];
}

/** What a one-time file says about the next opening. */
export interface OneTimePlan {
  /** At least one, in the order of the file: any of them may be the one that the server awaits. */
  readonly lines: readonly OneTimeLine[];
  /** Which of `lines` are sent, the likeliest first. */
  readonly order: readonly number[];
  /** The last line that counts as used; it is not, where we took a door open for another reason for our success. */
  readonly lastUsed: readonly Step[] | undefined;
  /** Openings that are left, this one included; exact up to MOST_COUNTED. */
  readonly left: number;
}

/**
 * What stands in the first column, one byte that is overwritten in place:
 *
 * - blank: not sent yet.
 * - tab: sent by a login that has not confirmed that it opened the door. knockd takes it for a blank.
 * - form feed: sent once more behind an opening, so that it is used unless that was lost. A blank to knockd too.
 * - `#`: used, as knockd itself marks it (disable_used_one_time_sequence).
 */
export const MARKS = { fresh: ' ', given: '\t', again: '\f', used: '#' } as const;

const MOST_COUNTED = 9;
/** With more lines between the two likeliest, a login may not have the tries for all of them. */
const FEW_BETWEEN = 4;

/**
 * Reads a file of knockd's one_time_sequences, as knockd does (get_next_one_time_sequence).
 *
 * The server's line is used up when its knocks arrive, whether or not a login got in, and only lines that were sent can
 * be: so it awaits one of those, or the one after them. There is no other bound: it would lock the client out.
 *
 * The last line is never given out: knockd 0.8 dies when it is used.
 *
 * @param bytes the file, one character a byte.
 * @param random uniform in [0, 1).
 * @returns undefined when no line is left.
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

/** Whether a line has been on the wire. */
export function wasSent({ text }: OneTimeLine): boolean {
  return text[0] === MARKS.given || text[0] === MARKS.again;
}

/**
 * The line in turn, as far as is known; the one behind all that were sent, which it is after logins whose knocks came
 * through and whose connects did not; then those between, from the last to the first, so that a server that uses up
 * what it awaits uses up no more than one. Of many, another one of them comes first each time.
 */
function likeliestFirst(count: number, next: number, random: () => number): number[] {
  const last = count - 1;
  const between = [...Array(count).keys()].reverse().filter((index) => index !== next && index !== last);
  const first = between.length > FEW_BETWEEN ? Math.floor(random() * between.length) : 0;
  return [...new Set([next, last, ...between.slice(first), ...between.slice(0, first)])];
}

/** The unused lines, as many as need be counted behind those that were sent, and the last used one before them. */
function scan(bytes: string): { unused: OneTimeLine[]; used: string } {
  const unused: OneTimeLine[] = [];
  let used = '';
  let fresh = 0;
  for (const { at, line: text } of fgetsPieces(bytes)) {
    const line = trim(text);
    if (line.startsWith('#') && unused.length === 0) used = line;
    if (line === '' || line.startsWith('#')) continue;
    const steps = readKnockdSequence(line);
    if (typeof steps === 'string') continue;
    const found = { at, text, steps };
    unused.push(found);
    if (!wasSent(found)) fresh++;
    if (fresh > MOST_COUNTED) break;
  }
  return { unused, used };
}

/** A used line is told from a comment by its steps; one whose first digit was overwritten is not worth a try. */
function readUsed(line: string, count: number): readonly Step[] | undefined {
  const steps = readKnockdSequence(line.slice(1));
  return typeof steps !== 'string' && steps.length === count && steps.every(({ port }) => port > 0)
    ? steps
    : undefined;
}
