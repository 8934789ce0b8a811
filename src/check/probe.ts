import type net from 'node:net';
import type { Answers } from '../login/refused-after-silence.ts';
import { Connector } from '../network/connector.ts';
import type { Target } from '../network/resolve.ts';
import type { Answer } from './findings.ts';

/** The kernel resends a SYN after 1 s: the probe has gone by then. In milliseconds. */
const PROBE_MS = 850;

export interface Probed {
  readonly answer: Answer;
  /** Connected and paused, when the port is open: the caller's to close. */
  readonly socket?: net.Socket;
  /** What each connect was answered. */
  readonly answers: Answers;
}

/** Connects to the target port, a second time half-way for a lost packet; when the promise resolves, nothing of it is pending any more. */
export function probe(target: Target, withinMs = PROBE_MS): Promise<Probed> {
  return new Promise((resolve) => {
    const end = (probed: Omit<Probed, 'answers'>) => {
      for (const timer of timers) clearTimeout(timer);
      dialer.close();
      resolve({ ...probed, answers: dialer.answers });
    };
    const dialer = new Connector(target, {
      connected: (socket) => end({ answer: 'open', socket }),
      failed: (code) => end({ answer: answerOf(code) }),
    });
    const timers = [
      setTimeout(() => dialer.dial(), withinMs / 2),
      setTimeout(() => end({ answer: 'silent' }), withinMs),
    ];
    dialer.dial();
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
