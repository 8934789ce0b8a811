import fs from 'node:fs';
import { isExecutable } from '../util/is-executable.ts';
import type { Programs } from './proxy-command-trap.ts';

/** The programs on this machine. */
export function realPrograms(searchPath = process.env.PATH ?? ''): Programs {
  return { path: searchPath, isExecutable, exists: fs.existsSync, real, firstLine };
}

function real(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

function firstLine(file: string): string {
  try {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const bytes = Buffer.alloc(256);
    const length = fs.readSync(fd, bytes, 0, bytes.length, 0);
    fs.closeSync(fd);
    return bytes.toString('latin1', 0, length).split('\n', 1)[0]!;
  } catch {
    return '';
  }
}
