import fs from 'node:fs';
import path from 'node:path';
import { KnockproxyError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { makePrivateFolder, unsafeComponent, writeFileAtomically } from '../../util/private-files.ts';

export interface FolderFile {
  /** Relative to the folder, at most one folder below it. */
  readonly name: string;
  readonly text: string;
}

/**
 * @throws KnockproxyError (exit status 2) for a folder in which another user could change the files: install.sh will run
 *   as root on the server.
 */
export function refuseShared(folder: string): void {
  let why: string | undefined;
  try {
    why = process.platform === 'win32' ? undefined : whyShared(path.resolve(folder));
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  if (why === undefined) return;
  const risk = 'anyone who can change install.sh in it can become root on the server';
  throw usageError(`${printable(folder)} ${why}: ${risk}`, 'use a directory that only you can write to');
}

const WRITABLE_BY_OTHERS = 0o022;

function whyShared(folder: string): string | undefined {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink()) return 'is a symbolic link';
  if (stat !== undefined && !stat.isDirectory()) return 'is not a directory';
  if (stat !== undefined && stat.uid !== process.getuid!())
    return `belongs to another user (uid ${stat.uid})`;
  if (stat !== undefined && (stat.mode & WRITABLE_BY_OTHERS) !== 0) {
    return `can be written by others (mode ${(stat.mode & 0o7777).toString(8).padStart(4, '0')})`;
  }
  const component = unsafeComponent(path.dirname(folder));
  return component && `can be replaced by another user, who can write to ${printable(component)}`;
}

/**
 * Counts the files that exist already.
 *
 * @throws KnockproxyError (exit status 2) if there are any and `force` is not set.
 */
export function countExisting(folder: string, files: readonly FolderFile[], force: boolean): number {
  const there = files
    .map(({ name }) => path.join(folder, name))
    .filter((file) => fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined);
  if (there.length === 0 || force) return there.length;
  throw usageError(`${printable(there[0]!)} already exists`, '--force overwrites it');
}

/**
 * Writes files with mode 600 in folders with mode 700. A new folder is created atomically, with all its files; in an
 * existing one each file is replaced atomically.
 *
 * @throws KnockproxyError as refuseShared() and countExisting(), and if the folder cannot be written.
 */
export function writeFolder(folder: string, files: readonly FolderFile[], force: boolean): void {
  try {
    refuseShared(folder);
    countExisting(folder, files, force);
    if (fs.existsSync(folder)) writeInto(folder, files);
    else writeWhole(folder, files);
  } catch (error) {
    throw error instanceof KnockproxyError ? error : cannotWrite(folder, error);
  }
}

function cannotWrite(folder: string, error: unknown): KnockproxyError {
  const { code } = error as NodeJS.ErrnoException;
  return new KnockproxyError(`cannot write to ${printable(folder)} (${code})`, { cause: error });
}

function writeWhole(folder: string, files: readonly FolderFile[]): void {
  const whole = path.resolve(folder);
  fs.mkdirSync(path.dirname(whole), { recursive: true });
  const temporary = fs.mkdtempSync(`${whole}.`);
  try {
    writeInto(temporary, files);
    fs.renameSync(temporary, whole);
  } catch (error) {
    fs.rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}

function writeInto(folder: string, files: readonly FolderFile[]): void {
  for (const { name, text } of files) {
    const parent = path.join(folder, path.dirname(name));
    if (path.dirname(name) !== '.' && !makePrivateFolder(parent)) {
      throw new KnockproxyError(`${printable(parent)} is not a directory of this user`);
    }
    writeFileAtomically(path.join(folder, name), text);
  }
}
