import fs from 'node:fs';
import { configError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { MARKS, type OneTimeLine } from './one-time-lines.ts';
import { refuseShared } from './private-file.ts';

/** `generate` writes at most 10,000 lines, which take 3 MB with 31 steps. */
const MAX_BYTES = 8 << 20;

/** An open one-time file. It is only changed in place, by single bytes, so that no failure can destroy it. */
export class OneTimeFile {
  readonly #fd: number;

  /** @throws KnockproxyError for a file that cannot be opened for writing, or that others can use. */
  constructor(file: string, where: string) {
    this.#fd = open(file, where);
    try {
      const stat = fs.fstatSync(this.#fd);
      const { mode, uid, size } = stat;
      const ownUid = process.getuid?.();
      refuseShared(file, where, { isFile: stat.isFile(), mode, uid, ownUid, holds: 'sequences' });
      if (size > MAX_BYTES)
        throw configError(where, `${printable(file)} is larger than ${MAX_BYTES / (1 << 20)} MiB`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Identifies the file, independent of its path. */
  get identity(): string {
    const { dev, ino } = fs.fstatSync(this.#fd, { bigint: true });
    return `${dev.toString(36)}-${ino.toString(36)}`;
  }

  /** The content, one character per byte. */
  read(): string {
    const buffer = Buffer.alloc(Math.min(fs.fstatSync(this.#fd).size, MAX_BYTES));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = fs.readSync(this.#fd, buffer, length, buffer.length - length, length);
    }
    return buffer.toString('latin1', 0, length);
  }

  /** Overwrites the first column of a line. @returns false if the line has changed or cannot be written. */
  mark({ at, text }: OneTimeLine, mark: keyof typeof MARKS): boolean {
    const current = Buffer.alloc(text.length);
    try {
      fs.readSync(this.#fd, current, 0, text.length, at);
      if (current.toString('latin1', 1) !== text.slice(1)) return false;
      return fs.writeSync(this.#fd, MARKS[mark], at, 'latin1') === 1;
    } catch {
      return false;
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  /** Closes the file once its marks are on disk. After a power failure before that, the next login tries more lines. */
  sync(): void {
    fs.fsync(this.#fd, () => fs.close(this.#fd, () => {}));
  }
}

function open(file: string, where: string): number {
  const { O_RDWR, O_NONBLOCK = 0 } = fs.constants;
  try {
    return fs.openSync(file, O_RDWR | O_NONBLOCK);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw configError(where, `cannot open ${printable(file)} for reading and writing (${code})`);
  }
}
