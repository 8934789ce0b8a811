import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { makePrivateSubfolder } from '../util/private-files.ts';
import { fitsSocket, identityOf, removeStale } from './stale-socket.ts';

/**
 * Who still wants a door open: each login that has not connected yet listens on a UNIX socket of its own, named
 * after the door; a process may have several. The kernel ends a socket with its process, so a login that died is not waited for.
 */
export class WaitingLogin {
  readonly #folder: string;
  readonly #prefix: string;
  #server: net.Server | undefined;

  /**
   * @param folder where the sockets stand.
   * @param door a name for the door, without a dot.
   */
  constructor(folder: string, door: string) {
    this.#folder = folder;
    this.#prefix = `${door}.`;
  }

  /** From now on, and until left, this process wants the door open; nobody can tell where the path is too long. */
  enter(): Promise<void> {
    if (process.platform === 'win32' || !makePrivateSubfolder(this.#folder)) return Promise.resolve();
    const name = `${this.#prefix}${process.pid}-${Math.random().toString(36).slice(2, 6)}`;
    const file = path.join(this.#folder, name);
    if (!fitsSocket(file)) return Promise.resolve();
    return new Promise((resolve) => {
      const server = net.createServer((socket) => socket.destroy()).unref();
      server.on('error', () => resolve());
      server.listen(file, () => {
        this.#server = server;
        resolve();
      });
    });
  }

  leave(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Whether any process wants the door open. */
  async anyone(): Promise<boolean> {
    let names: string[];
    try {
      names = fs.readdirSync(this.#folder);
    } catch {
      return false;
    }
    const alive = names
      .filter((name) => name.startsWith(this.#prefix))
      .map((name) => isAlive(path.join(this.#folder, name)));
    return (await Promise.all(alive)).includes(true);
  }
}

function isAlive(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const seen = identityOf(file);
    const socket = net.connect(file);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' && !removeStale(file, seen));
    });
  });
}
