import type net from 'node:net';
import type { EarlierConnects } from '../login/address-context.ts';
import { Connector } from '../network/connector.ts';
import type { Target } from '../network/resolve.ts';
import { SYN_LIFETIME_MS } from '../network/syn-lifetime.ts';
import type { Answer } from './findings.ts';

export interface Probed extends EarlierConnects {
  readonly answer: Answer;
  /** Connected and paused, when the port is open: the caller's to close. */
  readonly socket?: net.Socket;
}

/**
 * Connects to the target port once: a server that limits new connections counts each. When the promise resolves, nothing
 * of it is pending any more.
 */
export function probe(target: Target, withinMs = SYN_LIFETIME_MS): Promise<Probed> {
  return new Promise((resolve) => {
    const end = (probed: Omit<Probed, 'answers' | 'synsAt'>) => {
      clearTimeout(timer);
      connector.close();
      resolve({ ...probed, answers: connector.answers, synsAt });
    };
    const connector = new Connector(target, {
      connected: (socket) => end({ answer: 'open', socket }),
      failed: (code) => end({ answer: answerOf(code) }),
    });
    const timer = setTimeout(() => end({ answer: 'silent' }), withinMs);
    const synsAt = [Date.now()];
    connector.connect();
  });
}

/** What an error of connect(2) says about the network. */
export function answerOf(code: string | undefined): Answer {
  switch (code) {
    case undefined:
    case 'ETIMEDOUT':
      return 'silent';
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return 'refused';
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return 'no-route';
    default:
      return 'prohibited';
  }
}
