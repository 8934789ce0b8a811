import crypto from 'node:crypto';
import nodeFs from 'node:fs';
import path from 'node:path';
import { configError } from '../../util/errors.ts';

/** A change to a file. Texts are bytes as latin1. */
export interface FileChange {
  /** Absolute; a symbolic link is kept, and its target changed. */
  readonly path: string;
  /** undefined: the file does not exist. */
  readonly before: string | undefined;
  /** undefined: the file is deleted. */
  readonly after: string | undefined;
  /** Whether it contains sequences or keys. */
  readonly isSecret: boolean;
  /** The file that the text was copied from. */
  readonly copiedFrom?: string;
}

export type FileIo = Pick<
  typeof nodeFs,
  | 'readFileSync'
  | 'statSync'
  | 'realpathSync'
  | 'readlinkSync'
  | 'openSync'
  | 'writeSync'
  | 'fchownSync'
  | 'fchmodSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'rmSync'
>;

/**
 * Changes a file atomically: even after a crash it has either the old text or the new one. Only the owner can read the new
 * file. The name of the temporary file begins with a dot, so that no Include pattern matches it.
 *
 * @throws KnockproxyError with the file's name if it has changed since it was read, or cannot be written.
 */
export function replaceFile({ path: file, before, after }: FileChange, io: FileIo = nodeFs): void {
  try {
    const target = followLinks(file, io);
    if (readIfThere(target, io) !== before)
      throw configError({ file }, 'has been changed by another program: run the command again');
    if (after === undefined) io.rmSync(target);
    else writeBeside(target, after, io);
  } catch (error) {
    throw explain(file, error);
  }
}

/** @returns undefined if the file does not exist. @throws as node:fs. */
export function readIfThere(file: string, io: Pick<FileIo, 'readFileSync'> = nodeFs): string | undefined {
  try {
    return io.readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const TEMPORARY = /^\.knockproxy-(\d+)-[0-9a-f]{12}$/;

/** Deletes temporary files, which may contain a sequence, of processes that no longer run. */
export function sweep(file: string): void {
  const folder = path.dirname(followLinks(file, nodeFs));
  if (!nodeFs.existsSync(folder)) return;
  for (const name of nodeFs.readdirSync(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) nodeFs.rmSync(path.join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Converts an error of node:fs to a KnockproxyError without its text, of which only the code is safe to print. */
export function explain(file: string, error: unknown) {
  const { code, name } = error as { code?: string; name: string };
  if (name === 'KnockproxyError') return error as ReturnType<typeof configError>;
  return configError({ file }, `cannot be changed (${code ?? name})`);
}

/** Resolves symbolic links, also if the target does not exist. */
export function followLinks(file: string, io: FileIo = nodeFs, links = 40): string {
  try {
    return io.realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || links === 0) throw error;
  }
  try {
    return followLinks(path.resolve(path.dirname(file), io.readlinkSync(file)), io, links - 1);
  } catch {
    return file;
  }
}

function writeBeside(target: string, text: string, io: FileIo): void {
  const name = `.knockproxy-${process.pid}-${crypto.randomBytes(6).toString('hex')}`;
  const temporary = path.join(path.dirname(target), name);
  const old = statIfThere(target, io);
  try {
    const fd = io.openSync(temporary, 'wx', 0o600);
    try {
      if (old && old.uid !== process.getuid?.()) io.fchownSync(fd, old.uid, old.gid);
      io.fchmodSync(fd, modeFor(target, old?.mode));
      writeAll(fd, Buffer.from(text, 'latin1'), io);
      io.fsyncSync(fd);
    } finally {
      io.closeSync(fd);
    }
    io.renameSync(temporary, target);
  } catch (error) {
    io.rmSync(temporary, { force: true });
    throw error;
  }
}

function writeAll(fd: number, bytes: Buffer, io: FileIo): void {
  for (let at = 0; at < bytes.length; ) at += io.writeSync(fd, bytes, at);
}

/** A file below /etc stays readable by everyone. */
function modeFor(target: string, mode: number | undefined): number {
  return mode !== undefined && target.startsWith('/etc/') ? mode & 0o755 : 0o600;
}

function statIfThere(file: string, io: FileIo) {
  return io.statSync(file, { throwIfNoEntry: false }) as
    | { uid: number; gid: number; mode: number }
    | undefined;
}
