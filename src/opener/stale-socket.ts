import fs from 'node:fs';

/** A socket has its name a moment before somebody listens on it; on a busy machine that may take so long, in ms. */
const MOST_BINDING_MS = 100;

/** What tells the socket of a name from the next one of the same name; undefined: there is none. */
export type Identity = string | undefined;

/** An inode may be used again at once; its time of change tells. */
export function identityOf(file: string): Identity {
  const stat = fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino} ${stat.ctimeNs}`;
}

/**
 * Takes away the name of a socket on which nobody listens: its process has died.
 *
 * @param seen what it was when nobody listened; perhaps it is another one by now.
 * @returns false where somebody may be about to listen.
 */
export function removeStale(file: string, seen: Identity): boolean {
  try {
    const stat = fs.lstatSync(file);
    if (Date.now() - stat.ctimeMs < MOST_BINDING_MS) return false;
    if (identityOf(file) === seen) fs.unlinkSync(file);
  } catch {}
  return true;
}
