import type { Attempt, InformedContext, Knock } from './attempt.ts';
import { HOPELESS_LOGINS } from './attempt-limits.ts';
import { isQuick } from './gaps.ts';
import { isWithin, slowestRttMs } from './history.ts';
import { type AttemptResult, chooseDelayMs } from './knock-delay.ts';
import { ANSWER_MARGIN_MS, kindOf, safeMs } from './moments.ts';
import { SURE_KNOCKD_MS } from './opening-time.ts';
import { resetKnocks } from './reset-knocks.ts';
import type { Sequence, Step } from './sequence.ts';

/** Bans for a wrong knock mostly last 5 s from the last packet; knockd's stock seq_timeout is 5 s as well. */
export const BAN_MS = 5_200;
/** knockd's seq_timeout where knockd.conf has none. */
const KNOCKD_TIMEOUT_MS = 25_000;

/** The knocks, with a preamble before retries where it can help, and the pause between them. */
export function knocking(context: InformedContext, gapMs = 0): Pick<Attempt, 'knocks' | 'delayMs'> {
  const { sequence, history, made } = context;
  const steps = [...knocksBefore(context), ...numbered(sequence.steps)];
  const mostMs = ceilingMs(sequence);
  const floorMs = Math.min(sequence.delayMs ?? 0, mostMs);
  const failed = resultsOf(made);
  const leastMs = safeMs(context) + ANSWER_MARGIN_MS + (slowestRttMs(history) ?? 0);
  const fitMs = isQuick(context) ? (gapMs - leastMs) / (steps.length - 1) : Number.POSITIVE_INFINITY;
  const delayMs =
    made.length === 0 && sequence.delayMs !== undefined
      ? floorMs
      : chooseDelayMs(
          sequence.steps.length,
          { leastMs, gapMs },
          [...history.tries, ...failed],
          floorMs,
          Math.min(mostMs, Math.max(fitMs, made[0]?.delayMs ?? mostMs)),
        );
  return { knocks: steps.map((knock, index) => ({ ...knock, atMs: index * delayMs })), delayMs };
}

/**
 * How the attempts of a login went, for its history. One without a connect cannot have failed, nor does the next one
 * show which of the two opened the door; and the one before a shorter one that was answered has opened it itself, if
 * knocks overtake each other.
 *
 * @param answered the index of the one that was answered; undefined: none.
 */
export function resultsOf(made: readonly Attempt[], answered?: number): AttemptResult[] {
  const isOvertaken = answered && made[answered]!.delayMs < made[answered - 1]!.delayMs;
  const opener = isOvertaken ? answered - 1 : answered;
  return made
    .slice(0, opener === undefined ? made.length : opener + 1)
    .flatMap(({ delayMs, connects }, index) => {
      const isUnclear = connects.length === 0 || (index === opener && made[index - 1]?.connects.length === 0);
      return isUnclear ? [] : [{ delayMs, opened: index === opener }];
    });
}

function numbered(steps: readonly Step[]) {
  return steps.map((step, index) => ({ step, number: index + 1 }));
}

/** The knocks of one more sequence behind another that may have left an unfinished run. */
export function knocksAgain(sequence: Sequence): Knock[] {
  const { steps, delayMs = 0 } = sequence;
  const all = [...numberedLike(steps, resetKnocks(steps)[0]!), ...numbered(steps)];
  return all.map((knock, index) => ({ ...knock, atMs: index * delayMs }));
}

function numberedLike(steps: readonly Step[], knocks: readonly Step[]) {
  return knocks.map((step) => ({
    step,
    number: steps.findIndex(({ port, protocol }) => port === step.port && protocol === step.protocol) + 1,
  }));
}

/**
 * From the second attempt on knockd may be in any state; see reset-knocks.ts. After a whole turn, at random. Logins that
 * make one attempt each go on where the one before them has stopped, round and round. A door that opens at once keeps no
 * state, and after the silence that ends a ban there is none left.
 */
function knocksBefore(context: InformedContext) {
  const { sequence, history, made, random, opening, hiddenPort } = context;
  const kind = kindOf(opening);
  const silenceMs = silenceBeforeMs(context);
  const forgottenMs = sequence.sequenceTimeoutMs ?? (kind === 'daemon' ? Number.POSITIVE_INFINITY : BAN_MS);
  if (kind === 'at once' || silenceMs >= forgottenMs) return [];
  const turns = resetKnocks(sequence.steps).filter((steps) => countSyns(numbered(steps), hiddenPort) === 0);
  if (turns.length === 0) return [];
  const vainLogins = Math.max(0, history.failedLogins - HOPELESS_LOGINS);
  const next = Math.max(0, made.length - 1 + vainLogins);
  const afterAll = vainLogins > 0 ? next % turns.length : Math.floor(random() * turns.length);
  return numberedLike(sequence.steps, turns[next < turns.length ? next : afterAll]!);
}

/** How long nothing was sent that may have left an unfinished run, in milliseconds; Infinity: nothing was. */
function silenceBeforeMs({ sequence, history, made, nowAt }: InformedContext): number {
  const last = made.at(-1);
  if (last !== undefined) return last.waitMs;
  const { cutShortAt, failedLogins, failedAt } = history;
  // A sequence that the login before cut short because the door had opened: knockd still waits for the rest of it.
  if (isWithin(sequence.sequenceTimeoutMs ?? KNOCKD_TIMEOUT_MS, cutShortAt, nowAt)) return 0;
  return failedLogins > HOPELESS_LOGINS && failedAt <= nowAt ? nowAt - failedAt : Number.POSITIVE_INFINITY;
}

/** How many knocks are SYNs to the hidden port; undefined: the knocks go to another host. */
export function countSyns(knocks: readonly Pick<Knock, 'step'>[], hiddenPort: number | undefined): number {
  return knocks.filter(({ step: { port, protocol } }) => protocol === 'tcp' && port === hiddenPort).length;
}

/**
 * The longest pause with which a sequence fits into KnockSequenceTimeout. knockd compares whole seconds with
 * >=, so that a window of N seconds can end after N - 1.
 */
export function ceilingMs({ steps, sequenceTimeoutMs }: Sequence): number {
  if (sequenceTimeoutMs === undefined || steps.length < 2) return Number.POSITIVE_INFINITY;
  return Math.max(0, sequenceTimeoutMs - 1000) / (steps.length - 1) || 500 / (steps.length - 1);
}

/**
 * The shortest limit within which one attempt can be answered, in milliseconds from its first knock: a ConnectTimeout
 * below it is refused before anything is sent.
 */
export function leastLimitMs(sequence: Sequence): number {
  const delayMs = Math.min(sequence.delayMs ?? 0, ceilingMs(sequence));
  return (sequence.steps.length - 1) * delayMs + (sequence.slowestOpeningMs ?? SURE_KNOCKD_MS);
}
