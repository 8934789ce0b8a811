import type net from 'node:net';
import { Connector } from '../network/connector.ts';
import type { Target } from '../network/resolve.ts';
import { nowMs } from '../util/clock.ts';

export interface ConnectOptions {
  /** When to give up, on the clock of nowMs(); undefined: when the kernel does. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** The option of the socket; undefined: an ordinary stream. */
  readonly onread?: net.OnReadOpts | undefined;
}

/**
 * Connects without a knock, trying one address after the other.
 *
 * @returns the connected, paused socket.
 * @throws KnockproxyError with the answer of the last address; the signal's reason when it aborts.
 */
export async function connectPlainly(
  host: string,
  targets: readonly Target[],
  hints: readonly string[],
  options: ConnectOptions = {},
): Promise<net.Socket> {
  let failed: { target: Target; code: string } | undefined;
  const { deadlineMs } = options;
  for (const [at, target] of targets.entries()) {
    // The time is shared, so that the last address is tried, too.
    const shareMs = deadlineMs && (deadlineMs - nowMs()) / (targets.length - at);
    const result = await connectOnce(target, {
      ...options,
      ...(shareMs && { deadlineMs: nowMs() + shareMs }),
    });
    if (typeof result !== 'string') return result;
    options.signal?.throwIfAborted();
    failed = { target, code: result };
  }
  const { target, code } = failed!;
  if (code === 'EADDRNOTAVAIL') {
    throw (await import('../network/send-refusal.ts')).bindRefused(code, target.localAddress);
  }
  throw (await import('./failure-messages.ts')).notConnected(host, target, code, hints);
}

/** @returns the socket, or an error code. */
function connectOnce(
  target: Target,
  { deadlineMs, signal, onread }: ConnectOptions,
): Promise<net.Socket | string> {
  return new Promise((resolve) => {
    const end = (result: net.Socket | string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      connector.close();
      resolve(result);
    };
    const giveUp = () => end('ETIMEDOUT');
    const connector = new Connector(target, { connected: end, failed: end }, onread);
    const leftMs = deadlineMs === undefined ? undefined : Math.max(1, deadlineMs - nowMs());
    const timer = leftMs === undefined ? undefined : setTimeout(giveUp, leftMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    connector.connect(0);
  });
}
