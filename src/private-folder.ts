import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder that only this user can look into, with the folders above it.
 *
 * @returns false where it cannot be, is a symbolic link or is another user's: then it must not be used.
 */
export function makePrivateFolder(folder: string): boolean {
  if (isPrivateFolder(folder)) return true;
  try {
    fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
  }
  return isPrivateFolder(folder, { mend: true });
}

/** Whether a folder is ours alone; with `mend`, one that others can read is closed to them first. */
export function isPrivateFolder(folder: string, { mend = false } = {}): boolean {
  if (process.platform === 'win32') return fs.existsSync(folder);
  try {
    const stat = fs.lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== process.getuid!()) return false;
    if ((stat.mode & 0o077) === 0) return true;
    if (mend) fs.chmodSync(folder, 0o700);
    return mend;
  } catch {
    return false;
  }
}

/** Replaces a file in one step: whoever reads it sees the old text or the new one. @throws what node:fs throws. */
export function writeFileAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    fs.writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a file with its whole text at once; one that is there already, or cannot be made, is let be. Where there are no
 * hard links (exFAT, Android), two processes that make it at the same moment replace each other's file: each reads it
 * after that.
 */
export function createFileAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    fs.writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    linkOrRename(temporary, file);
  } catch {
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function linkOrRename(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || fs.existsSync(to)) return;
    fs.renameSync(from, to);
  }
}
