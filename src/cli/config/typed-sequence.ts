import { formatSequence } from '../../plan/format-sequence.ts';
import { parseSequence } from '../../plan/sequence.ts';

/** In place of a sequence that a dry run does not ask for, because it does not show it. */
export const ANY_SEQUENCE = '1';

/** The line of knock_config for a sequence as typed. @throws KnockproxyError as parseSequence */
export function sequenceLine(typed: string): string {
  return `KnockSequence ${formatSequence(parseSequence(typed))}`;
}
