import type net from 'node:net';
import { SshProcess } from './ssh-process.ts';

/** Gives ssh one socket as stdin and stdout: Node's own pipes have one direction each. */
const ON_ONE_SOCKET = ['/bin/sh', '-c', 'exec "$@" <&3 >&3 3>&-', 'sh'];

/** A connect from the host of KnockVia, by `ssh -W`. */
export class RemoteConnect {
  /** Resolves with the socket when the server has sent something, unread; undefined: it was not connected. */
  readonly connected: Promise<net.Socket | undefined>;
  readonly #ssh: SshProcess;
  readonly #socket: net.Socket;

  /** @param words ssh and its arguments. */
  constructor(words: readonly string[], env: NodeJS.ProcessEnv, onLine: (line: string) => void) {
    const stdio = { first: ['ignore', 'ignore'], more: ['pipe'] } as const;
    this.#ssh = new SshProcess([...ON_ONE_SOCKET, ...words], stdio, env, onLine);
    this.#socket = this.#ssh.child.stdio[3] as net.Socket;
    this.connected = new Promise((resolve) => {
      const socket = this.#socket;
      const onReadable = () => {
        if (socket.readableLength > 0) resolve(socket);
      };
      socket.on('readable', onReadable);
      this.#ssh.exited.then(() => resolve(undefined));
      socket.once('close', () => resolve(undefined));
    });
    this.connected.then(() => this.#socket.removeAllListeners('readable'));
  }

  /** Whether its ssh still runs. */
  get isPending(): boolean {
    return this.#ssh.isRunning;
  }

  end(): void {
    this.#socket.destroy();
    this.#ssh.end();
  }
}
