import fs from 'node:fs';

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux, with the final zero. */
const MAX_PATH_BYTES = 103;

/** The longest time between bind(2) and listen(2) on a busy machine. */
const MAX_BINDING_MS = 100;

/** Whether a path can be the name of a UNIX socket: Node 20 cuts a longer one off without an error. */
export function fitsSocket(file: string): boolean {
  return Buffer.byteLength(file) <= MAX_PATH_BYTES;
}

/** Identifies one incarnation of a socket file (inode and ctime); undefined if it does not exist. */
type Identity = string | undefined;

/** Includes the ctime because an inode number may be reused at once. */
export function identityOf(file: string): Identity {
  const stat = fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino} ${stat.ctimeNs}`;
}

/**
 * Removes a socket file whose process has died.
 *
 * @param seen its identity when the connect was refused; another process may have replaced it since.
 * @returns false if its process may be about to listen.
 */
export function removeStale(file: string, seen: Identity): boolean {
  try {
    const ageMs = Date.now() - fs.lstatSync(file).ctimeMs;
    // A ctime in the future is old: the clock was set back, or does not survive a reboot on this machine.
    if (ageMs >= 0 && ageMs < MAX_BINDING_MS) return false;
    if (identityOf(file) === seen) fs.unlinkSync(file);
  } catch {}
  return true;
}
