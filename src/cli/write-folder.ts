import fs from 'node:fs';
import path from 'node:path';
import { KnockproxyError, usageError } from '../errors.ts';
import { makePrivateFolder, writeFileAtomically } from '../private-folder.ts';
import { printable } from '../report.ts';

export interface FolderFile {
  /** Relative to the folder, at most one folder below it. */
  readonly name: string;
  readonly text: string;
}

/**
 * How many of the files are there already.
 *
 * @throws KnockproxyError (exit status 2) when one is and `force` is not set.
 */
export function countExisting(folder: string, files: readonly FolderFile[], force: boolean): number {
  const there = files
    .map(({ name }) => path.join(folder, name))
    .filter((file) => fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined);
  if (there.length === 0 || force) return there.length;
  throw usageError(`${printable(there[0]!)} is there already`, '--force overwrites it');
}

/**
 * Writes files of mode 600 into folders of mode 700. A folder that is not there yet appears whole, with all its
 * files, or not at all; in one that is there each file is replaced in one step.
 *
 * @throws KnockproxyError as countExisting() does, and where the folder cannot be written.
 */
export function writeFolder(folder: string, files: readonly FolderFile[], force: boolean): void {
  try {
    countExisting(folder, files, force);
    if (fs.existsSync(folder)) writeInto(folder, files);
    else writeWhole(folder, files);
  } catch (error) {
    if (error instanceof KnockproxyError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new KnockproxyError(`cannot write to ${printable(folder)} (${code})`, { cause: error });
  }
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
      throw new KnockproxyError(`${printable(parent)} is not a folder of this user's`);
    }
    writeFileAtomically(path.join(folder, name), text);
  }
}
