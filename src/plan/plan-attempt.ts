import type { Attempt, AttemptContext, Connect, InformedContext } from './attempt.ts';
import { isCautious, mostAttempts } from './attempt-limits.ts';
import { isPatient, looksLimited, tellingAttempts } from './connection-limit.ts';
import { nextGapMs } from './gaps.ts';
import { slowestRttMs } from './history.ts';
import { BAN_MS, countSyns, knocking } from './knocking.ts';
import { isLossy } from './line-quality.ts';
import {
  answerMs,
  awaitedLate,
  connectTimes,
  kindOf,
  leastGapMs,
  safeMs,
  trustedOpens,
  withLate,
} from './moments.ts';
import { openingTime } from './opening-time.ts';

/** A door 300 ms of round trip away has answered this long after the first connect: no third sequence before. */
const FAR_ANSWER_MS = 317;
/** A third SYN of two attempts leaves this long before the third attempt, in milliseconds. */
const BEFORE_NEXT_MS = 4;
/** How long a single attempt waits for its answer, in milliseconds; the kernel resends a SYN after 1 s. */
const LONE_WAIT_MS = 900;
/** A second sequence does harm where each is one more rule that one close sequence takes back. */
const CLOSABLE_WAIT_FACTOR = 3;
/** A ban is waited for only where this share of it more is left for what follows. */
const BAN_TIME_FACTOR = 1.2;

/**
 * Plans the next attempt of a login at one address.
 *
 * @returns undefined when no further attempt is to be made: what was sent may still be answered until the limit.
 */
export function planAttempt(context: AttemptContext): Attempt | undefined {
  const { history, made, nowAt, sequence } = context;
  const left = attemptsLeft(context);
  if (left <= 0 || made.at(-1)?.isLimited) return undefined;
  const opening = openingTime(trustedOpens(context), sequence.slowestOpeningMs);
  const informed = { ...context, opening, left };
  if (isCautious(history, nowAt)) return loneAttempt(informed);
  return looksLimited(context) ? limitedAttempt(informed) : usualAttempt(informed);
}

/** Of attempts and of SYNs to the hidden port, whichever are fewer. */
function attemptsLeft({
  history,
  made,
  others,
  otherSyns,
  limitMs,
  nowAt,
  attemptsForEach,
}: AttemptContext): number {
  const most = isCautious(history, nowAt) ? attemptsForEach : mostAttempts(history, limitMs);
  const all = [...others, ...made];
  return most - Math.max(all.length, otherSyns + sum(all.map(({ syns }) => syns)));
}

function loneAttempt(context: InformedContext): Attempt {
  const atMs = safeMs(context);
  return attempt(context, { ...knocking(context), connects: once(atMs), waitMs: atMs + LONE_WAIT_MS });
}

/** Knocks never count against a limit on the hidden port; each new SYN renews it, and the kernel resends few. */
function limitedAttempt(context: InformedContext): Attempt {
  const connects = [{ atMs: safeMs(context), isKept: true }];
  const waitMs = Number.POSITIVE_INFINITY;
  return attempt(context, { ...knocking(context), connects, waitMs, isLimited: true });
}

function usualAttempt(context: InformedContext): Attempt {
  const late = awaitedLate(context);
  const times = late ? withLate(context, late) : connectTimes(context);
  const lastMs = times.at(-1) ?? safeMs(context);
  const factor = context.sequence.closable ? CLOSABLE_WAIT_FACTOR : 1;
  const after = context.left - Math.max(1, times.length);
  const gapMs = nextGapMs(context, late ? 0 : leastGapMs(context, lastMs) * factor, after);
  const sent = knocking(context, gapMs);
  const knocksMs = sent.knocks.at(-1)!.atMs;
  const farMs = farWaitMs(context, knocksMs);
  const answeredMs = (lastMs + answerMs(context)) * factor;
  const waitMs = Math.max(answeredMs, gapMs - knocksMs, farMs, quietMs(context));
  const again = farMs > 0 ? [waitMs - BEFORE_NEXT_MS] : [];
  return attempt(context, {
    ...sent,
    connects: [...times, ...again].slice(0, Math.min(context.mostConnects, context.left)).flatMap(once),
    waitMs: after <= 0 ? Number.POSITIVE_INFINITY : waitMs,
    gapMs,
    awaitsLate: late !== undefined,
  });
}

function attempt(
  { hiddenPort }: InformedContext,
  planned: Partial<Attempt> & Pick<Attempt, 'knocks' | 'delayMs' | 'connects' | 'waitMs'>,
): Attempt {
  const syns = planned.connects.length + countSyns(planned.knocks, hiddenPort);
  return { gapMs: 0, isLimited: false, awaitsLate: false, ...planned, syns };
}

function once(atMs: number): Connect[] {
  return [{ atMs, isKept: false }];
}

/**
 * How long the second attempt over an unknown line waits, so that even a distant host has answered the first; there a
 * second connect makes up for the loss of the first two. 0: it need not.
 */
function farWaitMs(context: InformedContext, knocksMs: number): number {
  const { history, made, elapsedMs } = context;
  const isSecond = made.length === 1 && slowestRttMs(history) === undefined;
  return isSecond ? FAR_ANSWER_MS + safeMs(context) - elapsedMs - knocksMs : 0;
}

/** A firewall that bans for a wrong knock renews the ban with each packet: nothing is sent until it is over. */
function quietMs(context: InformedContext): number {
  const { history, made, sequence, opening, limitMs, remainingMs } = context;
  const number = made.length + 1;
  const kind = kindOf(opening);
  if (isLossy(history) || sequence.steps.length < 2 || kind === 'daemon') return 0;
  const isDue = isPatient(limitMs) ? number === 1 : kind === 'at once' && number === tellingAttempts(history);
  return isDue && remainingMs > BAN_TIME_FACTOR * BAN_MS ? BAN_MS : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
