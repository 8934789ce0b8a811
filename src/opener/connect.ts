import type net from 'node:net';
import { Dialer } from './dial.ts';
import { notConnected } from './explain.ts';
import { bindRefused } from './knock.ts';
import type { Target } from './target.ts';

/**
 * Connects without a knock, one address after the other, as long as the kernel tries.
 *
 * @returns the connected, paused socket.
 * @throws KnockproxyError with the last address's answer.
 */
export async function connectPlainly(
  host: string,
  targets: readonly Target[],
  hints: string[],
): Promise<net.Socket> {
  let failed: { target: Target; code: string } | undefined;
  for (const target of targets) {
    const result = await dialOnce(target);
    if (typeof result !== 'string') return result;
    failed = { target, code: result };
  }
  const { target, code } = failed!;
  throw code === 'EADDRNOTAVAIL'
    ? bindRefused(code, target.localAddress)
    : notConnected(host, target, code, hints);
}

/** The socket, or the code of the error. */
function dialOnce(target: Target): Promise<net.Socket | string> {
  return new Promise((resolve) => {
    const dialer = new Dialer(target, { connected: resolve, failed: resolve });
    dialer.dial(0);
  });
}
