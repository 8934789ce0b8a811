import type net from 'node:net';
import { RelayBuffer } from '../../handover/relay-buffer.ts';
import { abortConnection, relaySockets } from '../../handover/relay-sockets.ts';
import type { Connected } from '../../login/login-request.ts';
import { sleep } from '../../util/clock.ts';

/** How long an opening that is broken off has, to have its door closed. */
const FINISH_MS = 300;

/** Connects one client to the host; calls `connected` as soon as there is a connection. */
export type Reach = (client: {
  readonly onread: net.OnReadOpts;
  /** Aborts when the client or the listener is gone. */
  readonly signal: AbortSignal;
  readonly connected: (connected: Connected) => Promise<void>;
}) => Promise<void>;

/** The clients of a listener, from accept to the end of their connections. */
export class Clients {
  readonly #reach: Reach;
  readonly #failed: (error: unknown) => void;
  readonly #openings = new Set<AbortController>();
  readonly #running = new Set<Promise<void>>();
  readonly #sockets = new Set<net.Socket>();

  /** @param failed called with the reason when a client could not be connected. */
  constructor(reach: Reach, failed: (error: unknown) => void) {
    this.#reach = reach;
    this.#failed = failed;
  }

  readonly accept = (client: net.Socket): void => {
    const running = this.#serve(client).finally(() => this.#running.delete(running));
    this.#running.add(running);
  };

  /** Closes all connections and breaks off all openings; resolves when that is done. */
  async end(): Promise<void> {
    for (const opening of this.#openings) opening.abort();
    for (const socket of this.#sockets) abortConnection(socket);
    await Promise.race([Promise.all(this.#running), sleep(FINISH_MS)]);
  }

  async #serve(client: net.Socket): Promise<void> {
    const opening = new AbortController();
    const leave = () => opening.abort();
    // An unread socket reads ahead a little, so that a client that is gone is noticed.
    client.on('error', leave).once('close', leave);
    this.#openings.add(opening);
    this.#track(client);
    const buffer = new RelayBuffer();
    let relayed: Promise<void> | undefined;
    const connected = async ({ socket, afterHandover }: Connected) => {
      this.#track(socket);
      relayed = relaySockets(client, socket, buffer);
      await afterHandover();
    };
    try {
      await this.#reach({ onread: buffer, signal: opening.signal, connected });
    } catch (error) {
      if (!opening.signal.aborted) this.#failed(error);
      if (relayed === undefined) abortConnection(client);
    } finally {
      this.#openings.delete(opening);
    }
    await relayed;
  }

  #track(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
