import * as fs from 'node:fs';
import path from 'node:path';
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';
import { SftpReplies } from './sftp-replies.ts';

const { OPEN_MODE } = ssh2.utils.sftp;

/** The most one READ is answered with, in bytes: no less than OpenSSH ever asks for. */
const MAX_READ = 256 * 1024;

/** SFTP open flags beside those of open(2). */
const OPEN_FLAGS: readonly [sftp: number, unix: number][] = [
  [OPEN_MODE.APPEND, fs.constants.O_APPEND],
  [OPEN_MODE.CREAT, fs.constants.O_CREAT],
  [OPEN_MODE.TRUNC, fs.constants.O_TRUNC],
  [OPEN_MODE.EXCL, fs.constants.O_EXCL],
];

/**
 * Answers the requests `scp` makes to copy single files, inside the directory `root` only, which the client sees as
 * `/`. Everything else (listing, removing, renaming) ssh2 refuses by itself as unsupported.
 *
 * Synchronous, so that replies leave in the order of the requests: scp 9.0 to 9.3 cuts a file short otherwise,
 * https://github.com/ewxrjk/sftpserver/issues/24
 */
export function serveSftp(sftp: SFTPWrapper, root: string): void {
  const files = new SftpFiles(root);
  const reply = new SftpReplies(sftp);
  sftp.on('REALPATH', (id, name) => reply.name(id, virtual(name)));
  sftp.on('STAT', (id, name) => reply.attributes(id, () => fs.statSync(files.inside(name))));
  sftp.on('LSTAT', (id, name) => reply.attributes(id, () => fs.lstatSync(files.inside(name))));
  sftp.on('SETSTAT', (id, name, attrs) => reply.done(id, () => files.change(files.inside(name), attrs)));
  sftp.on('OPEN', (id, name, flags) => reply.handle(id, () => files.open(name, flags)));
  sftp.on('FSTAT', (id, handle) => reply.attributes(id, () => fs.fstatSync(files.of(handle))));
  sftp.on('FSETSTAT', (id, handle, attrs) => reply.done(id, () => files.change(files.of(handle), attrs)));
  sftp.on('READ', (id, handle, offset, length) => reply.data(id, () => files.read(handle, offset, length)));
  sftp.on('WRITE', (id, handle, offset, data) => reply.done(id, () => files.write(handle, offset, data)));
  sftp.on('CLOSE', (id, handle) => reply.done(id, () => files.close(handle)));
  sftp.on('end', () => reply.end());
  sftp.on('close', () => files.closeAll());
}

/** The files one session has open; a handle is the file descriptor in four bytes. */
class SftpFiles {
  #open = new Set<number>();

  constructor(private readonly root: string) {}

  /** Where a path of the client really is. */
  inside(name: string): string {
    return path.join(this.root, virtual(name));
  }

  /** The descriptor of a handle. */
  of(handle: Buffer): number {
    const fd = handle.length === 4 ? handle.readUInt32BE() : -1;
    if (!this.#open.has(fd)) throw new Error('no such handle');
    return fd;
  }

  open(name: string, flags: number): Buffer {
    const fd = fs.openSync(this.inside(name), unixFlags(flags), 0o600);
    this.#open.add(fd);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(fd);
    return handle;
  }

  read(handle: Buffer, offset: number, length: number): Buffer {
    const buffer = Buffer.alloc(Math.min(length, MAX_READ));
    return buffer.subarray(0, fs.readSync(this.of(handle), buffer, 0, buffer.length, offset));
  }

  write(handle: Buffer, offset: number, data: Buffer): void {
    let done = 0;
    while (done < data.length)
      done += fs.writeSync(this.of(handle), data, done, data.length - done, offset + done);
  }

  /** Size and mode are changed, times and owner left as they are. */
  change(file: string | number, { size, mode }: Partial<Attributes>): void {
    const fd = typeof file === 'number' ? file : fs.openSync(file, 'r+');
    try {
      if (size !== undefined) fs.ftruncateSync(fd, size);
      if (mode !== undefined) fs.fchmodSync(fd, mode & 0o777);
    } finally {
      if (fd !== file) fs.closeSync(fd);
    }
  }

  close(handle: Buffer): void {
    const fd = this.of(handle);
    this.#open.delete(fd);
    fs.closeSync(fd);
  }

  closeAll(): void {
    for (const fd of this.#open) fs.closeSync(fd);
    this.#open.clear();
  }
}

/** The path as the client sees it: absolute, and with no `..` left that could lead out of the root. */
function virtual(name: string): string {
  return path.posix.resolve('/', name);
}

function unixFlags(flags: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR } = fs.constants;
  const writes = flags & (OPEN_MODE.WRITE | OPEN_MODE.APPEND);
  const access = writes ? (flags & OPEN_MODE.READ ? O_RDWR : O_WRONLY) : O_RDONLY;
  return OPEN_FLAGS.reduce((all, [sftp, unix]) => (flags & sftp ? all | unix : all), access);
}
