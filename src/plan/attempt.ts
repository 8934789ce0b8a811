import type { History } from './history.ts';
import type { OpeningTime } from './opening-time.ts';
import type { Sequence, Step } from './sequence.ts';

/** One packet and when to send it, in milliseconds from the start of its attempt. */
export interface Knock {
  readonly step: Step;
  /** 1-based place in the sequence, the only name a step has in messages. */
  readonly number: number;
  readonly atMs: number;
}

/** One connect to the hidden port. */
export interface Connect {
  /** In milliseconds after the last knock. */
  readonly atMs: number;
  /** Kept until the limit, with the SYNs that the kernel resends after 1, 3, 7 ... s; else dropped before the first. */
  readonly isKept: boolean;
}

/** One sequence and its connects: what to send when. All decided before the first packet. */
export interface Attempt {
  readonly knocks: readonly Knock[];
  /** The pause between two knocks, in milliseconds. */
  readonly delayMs: number;
  /** Ascending. One that is due after an answer has come is not sent. */
  readonly connects: readonly Connect[];
  /** SYNs to the hidden port: its connects, and its knocks where that port is a step. */
  readonly syns: number;
  /** When the next attempt may begin, in milliseconds after the last knock; Infinity: this one is the last. */
  readonly waitMs: number;
  /** From which the next gap grows, in milliseconds. */
  readonly gapMs: number;
  /** A limit on new connections is taken to be the reason for the silence. */
  readonly isLimited: boolean;
  /** Waits for the late opening that the history suggests. */
  readonly awaitsLate: boolean;
}

/** What an attempt is planned from. */
export interface AttemptContext {
  readonly sequence: Sequence;
  readonly history: History;
  /** The attempts of this login at this address, all without an answer. */
  readonly made: readonly Attempt[];
  /** Those at its other addresses. */
  readonly others: readonly Attempt[];
  /** SYNs to the hidden port that this login sent without an attempt. */
  readonly otherSyns: number;
  /** Now, in ms since the epoch. */
  readonly nowAt: number;
  /** Since the last knock of the first attempt, in milliseconds; 0: none was made. */
  readonly elapsedMs: number;
  /** Until the limit, and the whole limit (KnockTimeout), in milliseconds. */
  readonly remainingMs: number;
  readonly limitMs: number;
  /** The hidden port has answered a connect of this login, with a RST for example, but none of the last two attempts. */
  readonly hasAnswered: boolean;
  /** KnockConnects: the most connects of an attempt, at least 1. */
  readonly mostConnects: number;
  /** How many attempts send each of the candidate sequences at each address once: a cautious login makes no more. */
  readonly attemptsForEach: number;
  /** Candidates for a rotating sequence, of which the server expects one: silence after the others tells nothing. Default 1. */
  readonly candidates?: number;
  /** The port behind the door, where the knocks go to the same host: a step on it counts as a connect. */
  readonly hiddenPort?: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A context with what is worked out once for an attempt. */
export interface InformedContext extends AttemptContext {
  /** When the door opens, as far as is known. */
  readonly opening: OpeningTime;
  /** Sequences and SYNs that this login may still send. */
  readonly left: number;
}

/** KnockConnects' default: one early SYN, and one when the door is certainly open. */
export const DEFAULT_CONNECTS = 2;
