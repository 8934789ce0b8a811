import { parseSequence, type Step } from '../plan/sequence.ts';
import { KnockproxyError } from '../util/errors.ts';
import type { Names } from './obtained.ts';

/** Where a text with a sequence comes from. */
export interface Origin {
  readonly names: Names;
  /** For messages: `what pass printed`. */
  readonly what: string;
  /** Whether lines that begin with # are passed over. */
  readonly comments: boolean;
}

/**
 * The sequence on the first line that is not blank; what stands below is not looked at (pass(1) keeps notes there).
 *
 * @throws KnockproxyError (exit status 2) that says what is wrong, never quoting the text.
 */
export function readSequenceText(text: string, { names, what, comments }: Origin): Step[] {
  const line = text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !(comments && line.startsWith('#')));
  if (line === undefined) throw refused(names, `${what} holds no sequence`);
  try {
    return parseSequence(line);
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    throw refused(names, `${what} is not a sequence: ${error.message}`, error.hints);
  }
}

function refused({ where }: Names, message: string, hints: readonly string[] = []): KnockproxyError {
  return new KnockproxyError(`${where}: ${message}`, { exitCode: 2, hints });
}
