import { SYN_LIFETIME_MS } from '../network/syn-lifetime.ts';
import type { Attempt } from '../plan/attempt.ts';
import type { Answers } from './refused-after-silence.ts';

/** An attempt as it was made. Times on the clock of nowMs(). */
export interface MadeAttempt {
  readonly plan: Attempt;
  /** Which of the login's sequences it sent. */
  readonly sequence: number;
  /** The same for the same candidate of a rotating sequence, whose list may have changed since; otherwise ''. */
  readonly candidate: string;
  /** When its knocks left that are SYNs to the hidden port. */
  readonly knockSynsMs: number[];
  readonly connects: MadeConnect[];
  /** When its last knock left; undefined: it was cut short. */
  knockedMs?: number;
}

/** A connect as it was made, on the clock of nowMs(). */
interface MadeConnect {
  readonly startedMs: number;
  readonly isKept: boolean;
}

/** A port that has answered, but no connect of this many attempts, has fallen silent. */
const RECENT_ATTEMPTS = 2;

/** The attempts of one login at one address, the oldest first. */
export class MadeAttempts {
  readonly all: MadeAttempt[] = [];

  begin(plan: Attempt, sequence: number, candidate: string): void {
    this.all.push({ plan, sequence, candidate, knockSynsMs: [], connects: [] });
  }

  /** The last one, of at least one. */
  get last(): MadeAttempt {
    return this.all.at(-1)!;
  }

  get plans(): readonly Attempt[] {
    return this.all.map(({ plan }) => plan);
  }

  /** Whether a whole sequence was sent. */
  get hasKnocked(): boolean {
    return this.all.some(({ knockedMs }) => knockedMs !== undefined);
  }

  /** Whether knocks of the last attempt are still to be sent. */
  get isKnocking(): boolean {
    return this.all.at(-1)?.knockedMs === undefined;
  }

  get connects(): readonly MadeConnect[] {
    return this.all.flatMap(({ connects }) => connects);
  }

  /** Until when a connect may still be answered, on the clock of nowMs(). */
  get answersEndMs(): number {
    const ends = this.connects.map(({ startedMs, isKept }) =>
      isKept ? Number.POSITIVE_INFINITY : startedMs + SYN_LIFETIME_MS,
    );
    return Math.max(0, ...ends);
  }

  /**
   * Something has answered in this login, but no connect of the last attempts.
   *
   * @param answers of all connects, in the order in which they left.
   */
  hasStoppedAnswering(answers: Answers): boolean {
    const recent = this.all.slice(-RECENT_ATTEMPTS).flatMap(({ connects }) => connects).length;
    const isAnswered = (answer: string | undefined) => answer !== undefined;
    return answers.some(isAnswered) && !answers.slice(answers.length - recent).some(isAnswered);
  }

  /** Which sequences may have opened the door for a connect that left then: that of its attempt or of the one before. */
  sequencesFor(startedMs: number): readonly number[] {
    const index = attemptAt(this.all, startedMs);
    const { sequence = 0 } = this.all[index] ?? {};
    const before = this.all[index - 1];
    return before === undefined ? [sequence] : [sequence, before.sequence];
  }

  /** When the last knock left before `timeMs`, on the clock of nowMs(). */
  knockedBefore(timeMs: number): number | undefined {
    return this.all[attemptAt(this.all, timeMs)]?.knockedMs;
  }
}

/** Which attempt a connect that left at `timeMs` belongs to. */
export function attemptAt(attempts: readonly MadeAttempt[], timeMs: number): number {
  return attempts.findLastIndex(({ knockedMs }) => knockedMs !== undefined && knockedMs <= timeMs);
}
