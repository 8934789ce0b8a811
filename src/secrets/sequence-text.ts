import { parseSequence, type Step } from '../plan/sequence.ts';
import { configError, KnockproxyError } from '../util/errors.ts';
import type { Names } from './obtained-sequences.ts';

/** The origin of a text with a sequence. */
interface Origin {
  readonly names: Names;
  /** For messages: `the output of pass`. */
  readonly what: string;
}

/** The most candidates of a text: a login has few attempts for each of more. */
const MOST_CANDIDATES = 8;

/**
 * Reads the sequence on the first line that is not blank, and the candidates after it, up to a line that is blank or not
 * a sequence: with pass(1) notes follow. Lines that begin with # are comments.
 *
 * @returns 1-8 sequences, each once, in their order.
 * @throws KnockproxyError (exit status 2) that says what is wrong with the first one, never quoting the text.
 */
export function readSequenceText(text: string, { names, what }: Origin): Step[][] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('#'));
  const start = lines.findIndex((line) => line !== '');
  if (start < 0) throw configError(names.where, `${what} contains no sequence`);
  const first = readSequence(lines[start]!);
  if (first instanceof KnockproxyError)
    throw configError(names.where, `${what} is not a sequence: ${first.message}`, ...first.hints);
  const candidates = new Map([[lines[start]!, first]]);
  for (const line of lines.slice(start + 1)) {
    const steps = readSequence(line);
    if (steps instanceof KnockproxyError || candidates.size === MOST_CANDIDATES) break;
    candidates.set(line, steps);
  }
  return [...candidates.values()];
}

function readSequence(line: string): Step[] | KnockproxyError {
  try {
    return parseSequence(line);
  } catch (error) {
    if (error instanceof KnockproxyError) return error;
    throw error;
  }
}
