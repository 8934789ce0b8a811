import { printable } from '../util/log.ts';
import { ownHome } from '../util/own-home.ts';
import { expandPath } from './expand-path.ts';
import type { Names, Obtained } from './obtained-sequences.ts';
import { readPrivateFile } from './private-file.ts';
import { readSequenceText } from './sequence-text.ts';

/**
 * Reads the sequence, or candidates for it, from a file that only its owner can read.
 *
 * @param path as configured, with tokens.
 * @throws KnockproxyError naming the file, never its content; with the chmod that fixes its mode.
 */
export async function obtainFromFile(
  path: string,
  names: Names,
  home: string = ownHome(),
): Promise<Obtained> {
  const file = expandPath(path, names, home);
  const text = readPrivateFile(file, names.where, undefined, 'sequence');
  return { candidates: readSequenceText(text, { names, what: printable(file) }) };
}
