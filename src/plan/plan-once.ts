import { type AttemptContext, DEFAULT_CONNECTS, type Knock } from './attempt.ts';
import { sureMs } from './connects.ts';
import { type History, NO_HISTORY, slowestRttMs } from './history.ts';
import { isLossy } from './line-quality.ts';
import { openingTime } from './opening-time.ts';
import { planAttempt } from './plan-attempt.ts';
import type { Sequence } from './sequence.ts';

/** The knocks of a sequence that is sent once, without an attempt before it. */
export function planOnce(
  sequence: Sequence,
  random: AttemptContext['random'],
  history: History = NO_HISTORY,
): readonly Knock[] {
  return planAttempt({
    sequence,
    history: { ...history, failedLogins: 0, limitedAt: 0 },
    made: [],
    others: [],
    otherSyns: 0,
    nowAt: history.openedAt,
    elapsedMs: 0,
    remainingMs: 0,
    limitMs: 0,
    hasAnswered: false,
    mostConnects: DEFAULT_CONNECTS,
    attemptsForEach: 1,
    random,
  })!.knocks;
}

/** How long after the last knock the door is open, in ms with its answer, as far as was learned; undefined: unknown. */
export function openingMs(history: History): number | undefined {
  if (history.opens.length === 0) return undefined;
  return sureMs(openingTime(history.opens), isLossy(history)) + (slowestRttMs(history) ?? 0);
}
