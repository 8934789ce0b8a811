import type net from 'node:net';
import { Dialer } from '../opener/dial.ts';
import type { Target } from '../opener/target.ts';
import type { Answer } from './findings.ts';

/** The kernel resends a SYN after 1 s: the probe has gone by then. In milliseconds. */
const PROBE_MS = 850;

export interface Probed {
  readonly answer: Answer;
  /** Connected and paused, when the port is open: the caller's to close. */
  readonly socket?: net.Socket;
}

/** One connect to the target port; when the promise resolves, nothing of it is pending any more. */
export function probe(target: Target, withinMs = PROBE_MS): Promise<Probed> {
  return new Promise((resolve) => {
    const end = (probed: Probed) => {
      clearTimeout(timer);
      dialer.close();
      resolve(probed);
    };
    const dialer = new Dialer(target, {
      connected: (socket) => end({ answer: 'open', socket }),
      failed: (code) => end({ answer: answerOf(code) }),
    });
    const timer = setTimeout(() => end({ answer: 'silent' }), withinMs);
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
