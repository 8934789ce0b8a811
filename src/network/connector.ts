import net from 'node:net';
import { nowMs } from '../util/clock.ts';
import type { Target } from './resolve.ts';
import { SYN_LIFETIME_MS } from './syn-lifetime.ts';

export interface ConnectHandlers {
  /** The first connect has completed. */
  connected(socket: net.Socket, completed: CompletedConnect): void;
  /** A connect was answered with an error. */
  failed?(code: string): void;
}

/** The timing of a completed connect, on the clock of nowMs(). */
export interface CompletedConnect {
  readonly startedMs: number;
  /** From the SYN to the answer. */
  readonly tookMs: number;
}

/**
 * Staggered connects to one target. The first that completes becomes the session; the others are dropped before the
 * server's accept(2) sees them (the kernel answers their SYN-ACK with a reset).
 */
export class Connector {
  /** The last error, such as ECONNREFUSED or EHOSTUNREACH; undefined: no answer. */
  lastAnswer: string | undefined;
  /** The error of each connect, in the order in which they were started; undefined: no answer. */
  readonly answers: (string | undefined)[] = [];
  readonly #target: Target;
  readonly #pending = new Set<net.Socket>();
  readonly #handlers: ConnectHandlers;
  readonly #onread: net.OnReadOpts | undefined;

  /** @param onread the option of the session's socket; undefined: an ordinary stream. */
  constructor(target: Target, handlers: ConnectHandlers, onread?: net.OnReadOpts) {
    this.#target = target;
    this.#handlers = handlers;
    this.#onread = onread;
  }

  /** Starts another connect. @param lifeMs when to drop it; 0: never. */
  connect(lifeMs = SYN_LIFETIME_MS): void {
    const startedMs = nowMs();
    const index = this.answers.push(undefined) - 1;
    const socket = startConnect(this.#target, this.#onread);
    const timer = lifeMs > 0 ? setTimeout(() => socket.destroy(), lifeMs) : undefined;
    this.#pending.add(socket);
    const cleanUp = () => {
      clearTimeout(timer);
      this.#pending.delete(socket);
    };
    const failed = (error: NodeJS.ErrnoException) => {
      this.#answered(index, error.code ?? 'unknown');
    };
    socket.once('close', cleanUp).once('error', failed);
    socket.once('connect', () => {
      if (isSelfConnected(socket)) {
        socket.destroy();
        return this.#answered(index, 'ECONNREFUSED');
      }
      cleanUp();
      socket.off('close', cleanUp).off('error', failed);
      this.close();
      this.#handlers.connected(socket, { startedMs, tookMs: nowMs() - startedMs });
    });
  }

  /** Drops all pending connects. */
  close(): void {
    for (const socket of this.#pending) socket.destroy();
  }

  #answered(index: number, code: string): void {
    this.answers[index] = code;
    this.lastAnswer = code;
    this.#handlers.failed?.(code);
  }
}

/** Starts paused, so that Node does not read the server's banner before the socket is handed over. */
function startConnect({ address, port, localAddress }: Target, onread?: net.OnReadOpts): net.Socket {
  const options = {
    host: address,
    port,
    autoSelectFamily: false,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    ...(localAddress !== undefined && { localAddress }),
    ...(onread !== undefined && { onread }),
  };
  const socket = net.connect(options);
  socket.pause();
  return socket;
}

/**
 * On loopback, a connect to a closed port in the ephemeral range can be given that very port as its source
 * and then connects to itself (RFC 9293, simultaneous open).
 */
function isSelfConnected(socket: net.Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}
