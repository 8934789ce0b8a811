import fs from 'node:fs';
import path from 'node:path';
import { ownHome } from './own-home.ts';

/**
 * Creates a folder that only this user can read, with its parents.
 *
 * @returns false if it must not be used: it cannot be created, is a symbolic link, belongs to another user, or another
 *   user could replace it.
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
  return isPrivateFolder(folder, { restrict: true });
}

/** Like makePrivateFolder(), but the parent must be private too. */
export function makePrivateSubfolder(folder: string): boolean {
  return makePrivateFolder(path.dirname(folder)) && makePrivateFolder(folder);
}

/** Whether only this user can use a folder. With `restrict`, first removes the permissions of others. */
export function isPrivateFolder(folder: string, { restrict = false } = {}): boolean {
  if (process.platform === 'win32') return fs.existsSync(folder);
  try {
    const stat = fs.lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== process.getuid!()) return false;
    if (unsafeComponent(path.dirname(folder)) !== undefined) return false;
    if ((stat.mode & 0o077) === 0) return true;
    if (!restrict) return false;
    fs.chmodSync(folder, 0o700);
    // On a file system without modes (FAT), chmod succeeds and changes nothing.
    return (fs.lstatSync(folder).mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/**
 * Finds a component of an absolute path that another user could redirect: one owned by neither this user nor root, or a
 * world-writable folder of root's without the sticky bit. Follows links owned by this user or root. Like sshd
 * (auth_secure_path), ignores components above the home directory.
 *
 * @returns undefined if every existing component is safe.
 */
export function unsafeComponent(folder: string, links = MAX_LINKS): string | undefined {
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

/** The limit of Linux (path_resolution(7)). */
const MAX_LINKS = 40;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/** A path and its parents, shortest first, from the home directory if the path is inside it, else from the root. */
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
  // In a user namespace, root's files belong to another uid.
  if (stat.uid !== 0 && stat.uid !== fs.lstatSync('/').uid) return false;
  return stat.isSymbolicLink() || (stat.mode & WRITABLE_BY_ALL) === 0 || (stat.mode & STICKY) !== 0;
}

/**
 * Reads a small file in a private folder; never blocks on a pipe.
 *
 * @returns undefined unless it is a regular file that this user owns, of up to 64 KiB.
 */
export function readOwnFile(file: string): string | undefined {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = fs.fstatSync(fd);
    return isOwnFile(stat) && stat.size <= MAX_BYTES ? fs.readFileSync(fd, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** The history of a door takes a few hundred bytes. */
const MAX_BYTES = 1 << 16;

/** Whether it is a regular file that this user owns. */
export function isOwnFile(stat: fs.Stats): boolean {
  return stat.isFile() && (process.platform === 'win32' || stat.uid === process.getuid!());
}

/** Replaces a file atomically: readers see the old text or the new one. @throws as node:fs */
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
 * Creates a file atomically with its whole text. Does nothing if the file exists or cannot be created. Without hard links
 * (exFAT, Android), two processes may replace each other's file, so callers read it back.
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
