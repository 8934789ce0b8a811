import fs from 'node:fs';
import path from 'node:path';
import { ownHome } from './own-home.ts';

/**
 * Makes a folder that only this user can look into, with the folders above it.
 *
 * @returns false where it cannot be, is a symbolic link, is another user's, or could be replaced by one: then it must
 *   not be used.
 */
export function makePrivateFolder(folder: string): boolean {
  if (isPrivateFolder(folder)) return true;
  const parent = path.dirname(folder);
  try {
    if (unsafeComponent(parent) !== undefined) return false;
    fs.mkdirSync(parent, { recursive: true, mode: 0o700 });
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
  }
  return isPrivateFolder(folder, { mend: true });
}

/** The same where the folder above has to be private as well: it is ours alone, and no link either. */
export function makePrivateSubfolder(folder: string): boolean {
  return makePrivateFolder(path.dirname(folder)) && makePrivateFolder(folder);
}

/** Whether a folder is ours alone; with `mend`, one that others can read is closed to them first. */
export function isPrivateFolder(folder: string, { mend = false } = {}): boolean {
  if (process.platform === 'win32') return fs.existsSync(folder);
  try {
    const stat = fs.lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== process.getuid!()) return false;
    if (unsafeComponent(path.dirname(folder)) !== undefined) return false;
    if ((stat.mode & 0o077) === 0) return true;
    if (!mend) return false;
    fs.chmodSync(folder, 0o700);
    // A file system without modes (FAT) says nothing and changes nothing.
    return (fs.lstatSync(folder).mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/**
 * Which component of an absolute path could lead elsewhere tomorrow: one that is neither ours nor root's, or a folder
 * of root's in which everybody may rename. Links of ours and root's are followed. As sshd does (auth_secure_path), what
 * lies above the home folder is not looked at.
 *
 * @returns undefined: none of those that exist.
 */
export function unsafeComponent(folder: string, links = MOST_LINKS): string | undefined {
  if (process.platform === 'win32') return undefined;
  for (const component of componentsOf(path.resolve(folder))) {
    const stat = fs.lstatSync(component, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!isTrusted(stat) || links === 0) return component;
    if (!stat.isSymbolicLink()) continue;
    const target = path.resolve(path.dirname(component), fs.readlinkSync(component));
    const unsafe = unsafeComponent(target, links - 1);
    if (unsafe !== undefined) return unsafe;
  }
  return undefined;
}

/** Linux follows as many (path_resolution(7)). */
const MOST_LINKS = 40;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/** A path and those above it, the shortest first: from the home folder, if it lies there, else from the root. */
function componentsOf(folder: string): string[] {
  const home = ownHome();
  const components = [folder];
  for (let at = folder; at !== home && at !== path.dirname(at); at = path.dirname(at)) {
    components.unshift(path.dirname(at));
  }
  return components;
}

function isTrusted(stat: fs.Stats): boolean {
  if (stat.uid === process.getuid!()) return true;
  // In a user namespace root's files belong to another uid.
  if (stat.uid !== 0 && stat.uid !== fs.lstatSync('/').uid) return false;
  return stat.isSymbolicLink() || (stat.mode & WRITABLE_BY_ALL) === 0 || (stat.mode & STICKY) !== 0;
}

/**
 * Reads a small file in a private folder, without waiting for the writer of a pipe.
 *
 * @returns undefined where there is none, or what is there is not a plain file of this user's.
 */
export function readOwnFile(file: string): string | undefined {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = fs.fstatSync(fd);
    return isOwnFile(stat) && stat.size <= MOST_BYTES ? fs.readFileSync(fd, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** What a door has taught takes a few hundred. */
const MOST_BYTES = 1 << 16;

/** Whether it is a plain file of this user's. */
export function isOwnFile(stat: fs.Stats): boolean {
  return stat.isFile() && (process.platform === 'win32' || stat.uid === process.getuid!());
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
