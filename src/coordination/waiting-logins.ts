import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { makePrivateSubfolder } from '../util/private-files.ts';
import { fitsSocket, identityOf, removeStale } from './stale-socket.ts';

/**
 * Shows which logins still wait for a door: each login that has not connected yet listens on a UNIX socket named after
 * the door. A process may have several. The kernel closes a socket with its process, so a dead login does not count.
 */
export class WaitingLogin {
  readonly #folder: string;
  readonly #prefix: string;
  #server: net.Server | undefined;

  /**
   * @param folder the folder of the sockets.
   * @param door the name of the door, without a dot.
   */
  constructor(folder: string, door: string) {
    this.#folder = folder;
    this.#prefix = `${door}.`;
  }

  /** Registers this login until leave(). Has no effect on Windows, or if the path is too long for a socket. */
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

  /** Whether any login of this user waits for the door. */
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
