import type net from 'node:net';
import type { Target } from '../network/resolve.ts';
import type { EarlierConnects } from './address-context.ts';
import type { Environment } from './environment.ts';

interface Asking {
  readonly target: Target;
  /** How long to wait for an answer, in milliseconds. */
  readonly ms: number;
  /** A second time half-way, for a lost packet. */
  readonly isAskedTwice: boolean;
  readonly onread: net.OnReadOpts | undefined;
}

/** Connects to a door that may be open; no socket when it is not. */
export function connectWithoutKnock(
  { target, ms, isAskedTwice, onread }: Asking,
  { clock, network }: Environment,
): Promise<EarlierConnects & { readonly socket?: net.Socket }> {
  return new Promise((resolve) => {
    let isOver = false;
    const synsAt: number[] = [];
    const connect = () => {
      if (isOver) return;
      synsAt.push(clock.dateMs());
      connector.connect();
    };
    const end = (socket?: net.Socket) => {
      isOver = true;
      for (const cancel of timers) cancel();
      connector.close();
      resolve({ ...(socket && { socket }), answers: connector.answers, synsAt });
    };
    const connector = network.connector(target, { connected: end }, onread);
    // Sockets first: on a busy machine the answer is often there when the timer is.
    const later = (act: () => void, afterMs: number) =>
      clock.startTimer(() => void clock.pollSockets().then(act), afterMs);
    const timers = [...(isAskedTwice ? [later(connect, ms / 2)] : []), later(end, ms)];
    connect();
  });
}
