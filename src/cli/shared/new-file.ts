import fs from 'node:fs';
import path from 'node:path';
import { KnockproxyError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';

/** @throws KnockproxyError (exit status 2) if the file exists or its folder cannot be written. */
export function checkNewFile(file: string): void {
  if (fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw existsAlready(file);
  try {
    fs.accessSync(path.dirname(file), fs.constants.W_OK);
  } catch (error) {
    throw usageError(`cannot write ${printable(file)} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Writes a whole file, or none. @throws KnockproxyError if it exists or cannot be written. */
export function writeNewFile(file: string, text: string): void {
  let isOwn = false;
  try {
    const fd = fs.openSync(file, 'wx');
    isOwn = true;
    try {
      fs.writeFileSync(fd, text);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (isOwn) fs.rmSync(file, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw existsAlready(file);
    throw new KnockproxyError(`cannot write ${printable(file)} (${code})`, { cause: error });
  }
}

function existsAlready(file: string): KnockproxyError {
  return usageError(`${printable(file)} already exists`, 'remove it, or name another file');
}
