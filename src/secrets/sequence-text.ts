import { parseSequence, type Step } from '../plan/sequence.ts';
import { configError, KnockproxyError } from '../util/errors.ts';
import type { Names } from './obtained-sequences.ts';

/** The origin of a text with a sequence. */
interface Origin {
  readonly names: Names;
  /** For messages: `the output of pass`. */
  readonly what: string;
  /** Whether to skip lines that begin with #. */
  readonly comments: boolean;
}

/**
 * Reads the sequence on the first line that is not blank. Later lines are ignored: with pass(1) they are notes.
 *
 * @throws KnockproxyError (exit status 2) that says what is wrong, never quoting the text.
 */
export function readSequenceText(text: string, { names, what, comments }: Origin): Step[] {
  const line = text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !(comments && line.startsWith('#')));
  if (line === undefined) throw configError(names.where, `${what} contains no sequence`);
  try {
    return parseSequence(line);
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    throw configError(names.where, `${what} is not a sequence: ${error.message}`, ...error.hints);
  }
}
