import fs from 'node:fs';

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux, with the final zero. */
const MOST_PATH_BYTES = 103;

/** A socket has its name a moment before somebody listens on it; on a busy machine that may take so long, in ms. */
const MOST_BINDING_MS = 100;

/** Whether a path can be the name of a UNIX socket: Node 20 cuts a longer one off without an error. */
export function fitsSocket(file: string): boolean {
  return Buffer.byteLength(file) <= MOST_PATH_BYTES;
}

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
    const ageMs = Date.now() - fs.lstatSync(file).ctimeMs;
    // A name from the future is an old one: the clock was set back since, or this machine has none that outlives a boot.
    if (ageMs >= 0 && ageMs < MOST_BINDING_MS) return false;
    if (identityOf(file) === seen) fs.unlinkSync(file);
  } catch {}
  return true;
}
