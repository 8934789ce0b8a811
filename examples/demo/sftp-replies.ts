import type * as fs from 'node:fs';
import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from 'ssh2';

const { STATUS_CODE } = ssh2.utils.sftp;

/** Does the work for one request and sends the fitting reply, or the status for the error it threw. */
export class SftpReplies {
  constructor(private readonly sftp: SFTPWrapper) {}

  /** Work without a result. */
  done(id: number, work: () => void): void {
    this.#reply(id, () => {
      work();
      this.sftp.status(id, STATUS_CODE.OK);
    });
  }

  name(id: number, filename: string): void {
    this.sftp.name(id, [{ filename } as FileEntry]);
  }

  attributes(id: number, look: () => fs.Stats): void {
    this.#reply(id, () => this.sftp.attrs(id, attributes(look())));
  }

  handle(id: number, open: () => Buffer): void {
    this.#reply(id, () => this.sftp.handle(id, open()));
  }

  /** Nothing read means the end of the file. */
  data(id: number, read: () => Buffer): void {
    this.#reply(id, () => {
      const data = read();
      if (data.length > 0) this.sftp.data(id, data);
      else this.sftp.status(id, STATUS_CODE.EOF);
    });
  }

  /**
   * Ends the channel with exit status 0, as sftp-server(8) does; without one scp exits 1. ssh2 1.17 closes the channel
   * with no status and offers no call for it: https://github.com/mscdex/ssh2/pull/1492
   */
  end(): void {
    const { _protocol, outgoing } = this.sftp as unknown as SftpInternals;
    _protocol.exitStatus(outgoing.id, 0);
    this.sftp.end();
  }

  #reply(id: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.sftp.status(id, statusOf(error as NodeJS.ErrnoException));
    }
  }
}

interface SftpInternals {
  _protocol: { exitStatus(channel: number, status: number): void };
  outgoing: { id: number };
}

function attributes({ mode, uid, gid, size, atimeMs, mtimeMs }: fs.Stats): Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ENOENT') return STATUS_CODE.NO_SUCH_FILE;
  if (code === 'EACCES' || code === 'EPERM') return STATUS_CODE.PERMISSION_DENIED;
  return STATUS_CODE.FAILURE;
}
