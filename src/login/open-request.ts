import type net from 'node:net';
import type { SequenceSource } from '../config/settings.ts';
import type { Target } from '../network/resolve.ts';
import type { Attempt } from '../plan/attempt.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { KnockproxyError } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { EarlierConnects, KnownTarget } from './address-context.ts';
import type { Environment } from './environment.ts';
import type { KnockBudget } from './knock-budget.ts';

/** How long an opening may take. Times on the environment's clock. */
export interface OpeningLimit {
  /** When to give up; later by what the knocks of the first attempt take. */
  readonly deadlineMs: number;
  /** KnockTimeout in milliseconds. */
  readonly limitMs: number;
  /** ConnectTimeout in milliseconds, and when it ends: no later than this. */
  readonly connectTimeout?: { readonly ms: number; readonly endsMs: number };
}

export interface OpenRequest extends OpeningLimit {
  readonly host: string;
  /** What the door is, for what a failure may mean. */
  readonly kind?: SequenceSource['kind'];
  /** At least one, the likeliest first; the others are tried when it does not open. */
  readonly sequences: readonly Sequence[];
  /**
   * Obtains the sequences anew before a retry if they may have changed; undefined: they are the same.
   *
   * @param ended resolves when there is no more time for it.
   */
  readonly renew?: (ended: Promise<void>) => Promise<readonly Sequence[] | undefined>;
  /** At least one, the preferred first. */
  readonly targets: readonly KnownTarget[];
  readonly report: Log;
  /** Which knocks may be sent. */
  readonly budget: KnockBudget;
  /** KnockConnects; undefined: its default. */
  readonly mostConnects?: number;
  /** Keeps what a login learned. */
  readonly remember: (target: Target, history: History) => void;
  /** The first knock of a sequence is about to leave: from then on it is on the wire. */
  readonly sending?: ((sequence: number) => void) | undefined;
  /** A whole sequence was sent to a target, and took so many milliseconds: it may have opened the door. */
  readonly sent?: (target: Target, attempt: Attempt, tookMs: number) => void;
  /** The connects to the first target before the knocks; default: there were none. */
  readonly before?: EarlierConnects;
  readonly environment?: Environment | undefined;
  /** What the socket reads into; undefined: it is an ordinary stream. */
  readonly onread?: net.OnReadOpts | undefined;
  /** Ends the opening at once with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Opened {
  readonly kind: 'opened';
  /** Connected and paused: nothing of it has been read; undefined: nothing listens behind the open door. */
  readonly socket?: net.Socket;
  /** Which of the sequences may have opened the door, at least one. */
  readonly sequences: readonly number[];
  readonly target: Target;
  /** From the last knock to the answer, in milliseconds. */
  readonly openMs: number;
}

/** A door that stayed shut. */
export interface StayedShut {
  readonly kind: 'shut';
  readonly addresses: readonly {
    readonly target: Target;
    /** What a connect was answered last; undefined: nothing. */
    readonly lastAnswer: string | undefined;
  }[];
  /** Why this machine could send to none of the other addresses; undefined: there are none. */
  readonly refusal: KnockproxyError | undefined;
  readonly attempts: number;
  readonly seconds: number;
  /** It ended before the time was up, because the last logins failed too. */
  readonly isLone: boolean;
  /** What the login has used up; undefined: the time. */
  readonly usedUp: string | undefined;
  /** It ended before the time was up, because every connect was refused. */
  readonly isRefused: boolean;
  /** The port seems to limit new connections. */
  readonly isLimited: boolean;
}

/** Whether several sequences are candidates for one that changes with time, and no lines of a one-time file. */
export function isRotating(kind: OpenRequest['kind']): boolean {
  return kind === 'command' || kind === 'file';
}
