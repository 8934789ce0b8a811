import type net from 'node:net';
import type { Answers } from '../login/refused-after-silence.ts';
import { Connector } from '../network/connector.ts';
import type { Target } from '../network/resolve.ts';
import { SYN_LIFETIME_MS } from '../network/syn-lifetime.ts';
import type { Answer } from './findings.ts';

export interface Probed {
  readonly answer: Answer;
  /** Connected and paused, when the port is open: the caller's to close. */
  readonly socket?: net.Socket;
  /** What each connect was answered. */
  readonly answers: Answers;
}

/** Connects to the target port, a second time half-way for a lost packet; when the promise resolves, nothing of it is pending any more. */
export function probe(target: Target, withinMs = SYN_LIFETIME_MS): Promise<Probed> {
  return new Promise((resolve) => {
    const end = (probed: Omit<Probed, 'answers'>) => {
      for (const timer of timers) clearTimeout(timer);
      connector.close();
      resolve({ ...probed, answers: connector.answers });
    };
    const connector = new Connector(target, {
      connected: (socket) => end({ answer: 'open', socket }),
      failed: (code) => end({ answer: answerOf(code) }),
    });
    const timers = [
      setTimeout(() => connector.connect(), withinMs / 2),
      setTimeout(() => end({ answer: 'silent' }), withinMs),
    ];
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
