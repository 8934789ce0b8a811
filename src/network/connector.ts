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

/** What is known of a connect that completed. Times on the clock of nowMs(). */
export interface CompletedConnect {
  readonly startedMs: number;
  /** From its SYN to the answer. */
  readonly tookMs: number;
}

/**
 * Staggered connects to one target: the first that completes is the session, the others vanish before the
 * server's accept(2) sees them (the kernel answers their SYN-ACK with a reset).
 */
export class Connector {
  /** What the network answered last, ECONNREFUSED or EHOSTUNREACH for example; undefined: silence. */
  lastAnswer: string | undefined;
  /** What each connect that did not complete was answered, in the order in which they left. */
  readonly answers: (string | undefined)[] = [];
  readonly #target: Target;
  readonly #pending = new Set<net.Socket>();
  readonly #handlers: ConnectHandlers;
  readonly #onread: net.OnReadOpts | undefined;

  /** @param onread what the session's socket reads into; undefined: it is an ordinary stream. */
  constructor(target: Target, handlers: ConnectHandlers, onread?: net.OnReadOpts) {
    this.#target = target;
    this.#handlers = handlers;
    this.#onread = onread;
  }

  /** Starts one more connect; it is dropped after `lifeMs`, 0: never. */
  connect(lifeMs = SYN_LIFETIME_MS): void {
    const startedMs = nowMs();
    const index = this.answers.push(undefined) - 1;
    const socket = startConnect(this.#target, this.#onread);
    const timer = lifeMs > 0 ? setTimeout(() => socket.destroy(), lifeMs) : undefined;
    this.#pending.add(socket);
    const forget = () => {
      clearTimeout(timer);
      this.#pending.delete(socket);
    };
    const failed = (error: NodeJS.ErrnoException) => {
      this.#answered(index, error.code ?? 'unknown');
    };
    socket.once('close', forget).once('error', failed);
    socket.once('connect', () => {
      if (isSelfConnected(socket)) {
        socket.destroy();
        return this.#answered(index, 'ECONNREFUSED');
      }
      forget();
      socket.off('close', forget).off('error', failed);
      this.close();
      this.#handlers.connected(socket, { startedMs, tookMs: nowMs() - startedMs });
    });
  }

  /** Drops every connect that has not completed. */
  close(): void {
    for (const socket of this.#pending) socket.destroy();
  }

  #answered(index: number, code: string): void {
    this.answers[index] = code;
    this.lastAnswer = code;
    this.#handlers.failed?.(code);
  }
}

/** Paused, so that Node reads nothing of the server's banner before the socket is handed over. */
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
