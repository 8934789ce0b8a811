import type { Step } from '../door/sequence.ts';
import { fgetsPieces, trim } from '../server/c-text.ts';
import { readKnockdSequence } from '../server/knockd-sequence.ts';

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
  /** The last line that counts as used; it is not, where we took a door open for another reason for our success. */
  readonly lastUsed: readonly Step[] | undefined;
  /** Openings that are left, this one included; exact up to MOST_COUNTED. */
  readonly left: number;
}

/**
 * What stands in the first column, one byte that is overwritten in place:
 *
 * - blank: not sent yet.
 * - tab: given out to a login that has not confirmed that it opened the door. knockd takes it for a blank.
 * - `#`: used, as knockd itself marks it (disable_used_one_time_sequence).
 */
export const MARKS = { fresh: ' ', given: '\t', used: '#' } as const;

/**
 * A login whose confirmation was lost leaves the server one line ahead, and two such logins in a row two. No more
 * than so many lines beyond the one in turn are sent, because who sees them could use them once their turn comes.
 */
const MOST_AHEAD = 3;
const MOST_COUNTED = 9;

/**
 * Reads a file of knockd's one_time_sequences, as knockd does (get_next_one_time_sequence).
 *
 * The last line is never given out: knockd 0.8 dies when it is used.
 *
 * @param bytes the file, one character a byte.
 * @returns undefined when no line is left.
 */
export function planOneTime(bytes: string): OneTimePlan | undefined {
  const { unused, used } = scan(bytes);
  const left = unused.length - 1;
  if (left < 1) return undefined;
  const unconfirmed = unused.findIndex(({ text }) => text[0] !== MARKS.given);
  const given = unconfirmed < 0 ? unused.length : unconfirmed;
  const lines = unused.slice(0, Math.min(Math.max(2, given + 1), 1 + MOST_AHEAD, left));
  return { lines, lastUsed: readUsed(used, lines[0]!.steps.length), left };
}

/** The next unused lines, as many as need be counted, and the last used one before them. */
function scan(bytes: string): { unused: OneTimeLine[]; used: string } {
  const unused: OneTimeLine[] = [];
  let used = '';
  for (const { at, line: text } of fgetsPieces(bytes)) {
    const line = trim(text);
    if (line.startsWith('#') && unused.length === 0) used = line;
    if (line === '' || line.startsWith('#')) continue;
    const steps = readKnockdSequence(line);
    if (typeof steps !== 'string') unused.push({ at, text, steps });
    if (unused.length > MOST_COUNTED) break;
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
