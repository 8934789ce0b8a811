import fs from 'node:fs';
import { configError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { shellQuote } from '../util/text.ts';

/** The I/O; tests pass their own. */
interface FileSystem {
  /** Opens a file without waiting for the writer of a pipe. @throws as node:fs */
  read(file: string): {
    readonly isFile: boolean;
    readonly mode: number;
    readonly uid: number;
    text(): string;
  };
  /** The uid of this process; undefined where files have no owner (Windows). */
  readonly uid: number | undefined;
}

/** A file of secrets is a few lines. */
const MAX_BYTES = 1 << 20;

/**
 * Reads a file that contains a secret: a regular file of this user or root, without permissions for others.
 *
 * @param where the line that names the file, `FILE line N`, for messages.
 * @param holds the kind of secret, for messages.
 * @returns the content, one character per byte (latin1).
 * @throws KnockproxyError naming the file, never its content.
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
    throw configError(where, `cannot read ${name} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  refuseShared(file, where, { ...found, ownUid: system.uid, holds });
  const text = found.text();
  if (text.length > MAX_BYTES) throw configError(where, `${name} is larger than ${MAX_BYTES} bytes`);
  return text;
}

/** The type, mode and owner of an open file, and the uid of this process. */
interface Ownership {
  readonly isFile: boolean;
  readonly mode: number;
  readonly uid: number;
  /** undefined where files have no owner (Windows). */
  readonly ownUid: number | undefined;
  /** For messages: `keys`. */
  readonly holds: string;
}

/** @throws KnockproxyError unless it is a regular file of this user or root, without permissions for others. */
export function refuseShared(file: string, where: string, found: Ownership): void {
  const { isFile, mode, uid, ownUid, holds } = found;
  const name = printable(file);
  if (!isFile) throw configError(where, `${name} is not a regular file`);
  if (ownUid === undefined) return;
  if (uid !== ownUid && uid !== 0) {
    throw configError(where, `${name} belongs to another user (uid ${uid})`, 'chown it to yourself');
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    const hint = `chmod 600 ${shellQuote(file)}`;
    throw configError(where, `other users can access the ${holds} in ${name} (mode ${octal})`, hint);
  }
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

/** Reads up to MAX_BYTES + 1, because the file may grow while it is read. */
function readSome(fd: number): string {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = fs.readSync(fd, buffer, length, buffer.length - length, null);
  }
  return buffer.toString('latin1', 0, length);
}
