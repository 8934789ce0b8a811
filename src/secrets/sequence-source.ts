import { asksUser, type SequenceSource } from '../config/settings.ts';
import type { WaitLimit } from '../network/look-up.ts';
import type { Names, Obtained, Prepared, Warn } from './obtained-sequences.ts';

/**
 * Reads and checks the settings of a door, before anything is sent.
 *
 * @throws KnockproxyError if they are invalid.
 */
export async function prepare(source: SequenceSource, names: Names, warn: Warn): Promise<Prepared> {
  if (asksUser(source)) (await import('./sequence-command.ts')).refuseRecursion(names, keywordOf(source));
  if (source.kind === 'spa') return (await import('./spa-packets.ts')).prepareSpa(source, names);
  return { obtain: (wait) => obtain(source, names, warn, wait) };
}

function keywordOf({ kind }: SequenceSource): string {
  return kind === 'spa' ? 'KnockSpaKeyCommand' : 'KnockSequenceCommand';
}

/**
 * Obtains the sequence. Call it only with the knock lock: it may ask the user for a PIN, or lock a file.
 *
 * @throws KnockproxyError naming the source, never the sequence or the output of a program.
 */
async function obtain(
  source: Exclude<SequenceSource, { kind: 'spa' }>,
  names: Names,
  warn: Warn,
  { signal }: WaitLimit = {},
): Promise<Obtained> {
  switch (source.kind) {
    case 'sequence':
      return { candidates: [source.steps] };
    case 'command':
      return (await import('./sequence-command.ts')).obtainFromCommand(source.words, names, { signal });
    case 'file':
      return (await import('./sequence-file.ts')).obtainFromFile(source.path, names);
    case 'one-time':
      return (await import('./one-time-sequences.ts')).obtainOneTime(source.path, names, warn);
  }
}
