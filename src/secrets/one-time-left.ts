import { KnockproxyError } from '../util/errors.ts';
import { ownHome } from '../util/own-home.ts';
import { expandPath } from './expand-path.ts';
import type { Names } from './obtained-sequences.ts';
import { OneTimeFile } from './one-time-file.ts';
import { openingsLeft } from './one-time-lines.ts';

/**
 * How many openings a file of one-time sequences has left. Changes nothing, and takes no lock.
 *
 * @param path as configured, with tokens.
 * @returns the reason as a KnockproxyError where a login could not use the file.
 */
export function oneTimeLeft(path: string, names: Names, home = ownHome()): number | KnockproxyError {
  try {
    const file = new OneTimeFile(expandPath(path, names, home), names.where);
    try {
      return openingsLeft(file.read());
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof KnockproxyError) return error;
    throw error;
  }
}
