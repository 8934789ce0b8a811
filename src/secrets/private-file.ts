import fs from 'node:fs';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { shellQuote } from '../util/text.ts';

/** What is asked of the system; given in tests. */
export interface FileSystem {
  /** Opens without waiting for the writer of a pipe, and looks at what was opened. @throws what node:fs throws. */
  read(file: string): {
    readonly isFile: boolean;
    readonly mode: number;
    readonly uid: number;
    text(): string;
  };
  /** Of this process; undefined where files have no owner (Windows). */
  readonly uid: number | undefined;
}

/** A file of secrets is a few lines. */
const MAX_BYTES = 1 << 20;

/**
 * Reads a file that holds a secret: a plain one, ours or root's, that nobody else may read.
 *
 * @param where who asks for it, `FILE line N`, for messages.
 * @param holds what is in it, for messages.
 * @returns its bytes, one a character (latin1).
 * @throws KnockproxyError naming the file, never what is in it.
 */
export function readPrivateFile(
  file: string,
  where: string,
  system: FileSystem = realFiles,
  holds = 'keys',
): string {
  const name = printable(file);
  let found: ReturnType<FileSystem['read']>;
  try {
    found = system.read(file);
  } catch (error) {
    throw refused(where, `cannot read ${name} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  refuseShared(file, where, { ...found, ownUid: system.uid, holds });
  const text = found.text();
  if (text.length > MAX_BYTES) throw refused(where, `${name} is larger than ${MAX_BYTES} bytes`);
  return text;
}

/** What an open file is, who owns it and who we are. */
export interface Ownership {
  readonly isFile: boolean;
  readonly mode: number;
  readonly uid: number;
  /** undefined where files have no owner (Windows). */
  readonly ownUid: number | undefined;
  /** For messages: `keys`. */
  readonly holds: string;
}

/** @throws KnockproxyError for what is not a plain file, ours or root's, that nobody else may use. */
export function refuseShared(file: string, where: string, found: Ownership): void {
  const { isFile, mode, uid, ownUid, holds } = found;
  const name = printable(file);
  if (!isFile) throw refused(where, `${name} is not a plain file`);
  if (ownUid === undefined) return;
  if (uid !== ownUid && uid !== 0) {
    throw refused(where, `${name} belongs to another user (uid ${uid})`, 'chown it to yourself');
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    const hint = `chmod 600 ${shellQuote(file)}`;
    throw refused(where, `other users may use the ${holds} in ${name} (mode ${octal})`, hint);
  }
}

function refused(where: string, message: string, ...hints: string[]): KnockproxyError {
  return new KnockproxyError(`${where}: ${message}`, { exitCode: 2, hints });
}

const realFiles: FileSystem = {
  uid: process.getuid?.(),
  read(file) {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const close = () => fs.closeSync(fd);
    try {
      const stat = fs.fstatSync(fd);
      const text = stat.isFile() ? readSome(fd) : '';
      return { isFile: stat.isFile(), mode: stat.mode, uid: stat.uid, text: () => text };
    } finally {
      close();
    }
  },
};

/** No more than shows that a file is too large: it may grow while it is read. */
function readSome(fd: number): string {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = fs.readSync(fd, buffer, length, buffer.length - length, null);
  }
  return buffer.toString('latin1', 0, length);
}
