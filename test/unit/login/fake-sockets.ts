import { EventEmitter } from 'node:events';
import type { LockSockets } from '../../../src/coordination/knock-lock.ts';

/** The UNIX sockets of one machine, in memory; data arrives in a later turn of the event loop. */
export class FakeSockets {
  readonly #accepting = new Map<string, (socket: FakeSocket) => void>();

  readonly createServer = ((accept: (socket: FakeSocket) => void) => {
    const accepting = this.#accepting;
    let name = '';
    const server = Object.assign(new EventEmitter(), {
      unref: () => server,
      listen(file: string, listens: () => void) {
        if (accepting.has(file)) return later(() => server.emit('error', { code: 'EADDRINUSE' }));
        name = file;
        accepting.set(file, accept);
        later(listens);
      },
      close: () => accepting.delete(name),
    });
    return server;
  }) as unknown as LockSockets['createServer'];

  readonly connect = ((file: string) => {
    const [client, owner] = [new FakeSocket(), new FakeSocket()];
    [client.peer, owner.peer] = [owner, client];
    const accept = this.#accepting.get(file);
    if (accept) later(() => accept(owner));
    else later(() => client.fail('ENOENT'));
    return client;
  }) as unknown as LockSockets['connect'];
}

export class FakeSocket extends EventEmitter {
  peer: FakeSocket | undefined;
  #isClosed = false;

  setEncoding(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  write(text: string): void {
    later(() => this.peer?.emit('data', text));
  }

  end(text: string): void {
    this.write(text);
    this.destroy();
  }

  destroy(): void {
    for (const socket of [this, this.peer]) later(() => socket?.close());
  }

  fail(code: string): void {
    this.emit('error', { code });
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit('close');
  }
}

function later(act: () => void): void {
  setImmediate(act);
}
