import type net from 'node:net';
import type { CompletedConnect } from '../network/connector.ts';
import type { Target } from '../network/resolve.ts';
import type { AttemptContext } from '../plan/attempt.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Answers } from './refused-after-silence.ts';

/** An address, and what was learned about the door there. */
export type KnownTarget = Target & { readonly history: History };

/** What connects to an address before the knocks were answered, and when they left, in ms since the epoch. */
export interface EarlierConnects {
  readonly answers: Answers;
  readonly synsAt: readonly number[];
}

/** What attempts report to the loop. */
export interface AttemptHandlers {
  /** A connect has completed. */
  connected(socket: net.Socket, completed: CompletedConnect): void;
  /** A connect was answered with an error. */
  answered?(): void;
  /** The first knock of a sequence is about to leave: from then on it is on the wire. */
  sending?(sequence: number): void;
}

/** What the loop knows of the whole login. */
export type LoginContext = Pick<
  AttemptContext,
  'remainingMs' | 'limitMs' | 'mostConnects' | 'others' | 'otherSyns'
> & {
  readonly sequences: readonly Sequence[];
  /** They are candidates for one that changes with time, and no lines of a one-time file. */
  readonly isRotating: boolean;
  /** Addresses that the login knocks at. */
  readonly addresses: number;
};
