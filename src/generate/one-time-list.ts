import { formatSequence } from '../plan/format-sequence.ts';
import type { Step } from '../plan/sequence.ts';
import { usageError } from '../util/errors.ts';
import { type RandomInteger, randomPool, type SequenceOptions, sequenceMaker } from './random-sequence.ts';

/** knockd reads the file from the start at each opening: more lines would make it slow. */
const MAX_LINES = 10_000;
/** Duplicates before giving up: with so few possible sequences the next one could be guessed anyway. */
const MAX_MORE_DRAWS = 100;
/** With 10 steps of 31 ports there are 1.6e14 sequences. A section of knockd.conf may have 32 steps. */
const POOL_SIZE = 31;

interface OneTimeSequences {
  /** The file. */
  readonly text: string;
  /** All steps that occur in it, 1-31, for knockdConf(). */
  readonly pool: readonly Step[];
}

/**
 * A file for knockd's `one_time_sequences`: `lines` different random sequences of equal step count.
 *
 * - Each line begins with a blank: knockd marks a used line by `#` over its first column
 *   (disable_used_one_time_sequence), which would overwrite a digit.
 * - Equal counts: after a line that is shorter than the next one, knockd keeps the finished attempt (process_attempt).
 * - Nothing but sequences: a line that knockd cannot parse makes it mark the wrong line (get_next_one_time_sequence).
 * - knockd 0.8 crashes when its last line is used, so a client never sends it: `lines` give `lines - 1` openings.
 *
 * @param lines 2-10000.
 * @throws KnockproxyError (exit status 2) as randomSequence, or if there are not enough different sequences.
 */
export function oneTimeSequences(
  random: RandomInteger,
  lines: number,
  options: SequenceOptions = {},
): OneTimeSequences {
  if (!Number.isInteger(lines) || lines < 2 || lines > MAX_LINES) {
    throw usageError(
      `--one-time must be a whole number from 2 to ${MAX_LINES}`,
      'the last line is never used: knockd 0.8 would crash',
    );
  }
  const pool = randomPool(random, POOL_SIZE, options);
  const make = sequenceMaker(random, { ...options, ports: pool });
  const seen = new Set<string>();
  for (let draws = 0; seen.size < lines; draws++) {
    if (draws > lines + MAX_MORE_DRAWS) throw tooMany(lines);
    seen.add(formatSequence(make()));
  }
  return { text: [...seen].map((line) => ` ${line}\n`).join(''), pool };
}

function tooMany(lines: number) {
  return usageError(
    `there are not enough different sequences for ${lines} lines`,
    'allow more ports, or raise --count',
  );
}
