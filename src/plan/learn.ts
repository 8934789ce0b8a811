import {
  CERTAIN_SCORE,
  type History,
  type Interval,
  isWithin,
  KEPT_OPENS,
  KEPT_RTTS,
  KEPT_SILENCES,
  KEPT_SYNS,
  KEPT_TRIES,
  MINUTE_MS,
  synsWithin,
} from './history.ts';
import type { AttemptResult } from './knock-delay.ts';

/** What one login adds. */
export interface LoginResult {
  /** When the login ended, in ms since the epoch. */
  readonly atMs: number;
  /** When its SYNs went to the hidden port, resent ones too, in ms since the epoch, ascending. */
  readonly synsAt: readonly number[];
  /** It ended in silence that looks like a limit. */
  readonly limited?: boolean;
  /** Its last sequence was cut short. */
  readonly cutShort?: boolean;
  /** Its first attempt waited for a late opening. */
  readonly awaitedLate?: boolean;
  /** It failed, and each of its connects was refused. */
  readonly refused?: boolean;
  /** Present when the door opened. */
  readonly opened?: ObservedOpening;
}

/** How a port answered that has opened since. */
export interface WhenShut {
  /** Connects without an answer. */
  readonly silent: number;
  /** One was refused. */
  readonly isRefused: boolean;
}

interface ObservedOpening {
  /** The attempts up to the one that was answered, as resultsOf in knocking.ts tells them. */
  readonly tries: readonly AttemptResult[];
  /** The first attempt was answered. */
  readonly isFirst: boolean;
  /** In ms after the last knock of the FIRST attempt: the last SYN without an answer (0: none), the one with it. */
  readonly interval: Interval;
  readonly rttMs: number;
  /** Undefined: it was not asked. */
  readonly whenShut?: WhenShut;
  /** When the SYN that was answered went out, in ms since the epoch. */
  readonly synAt: number;
  /** The process id. */
  readonly by: number;
}

export function learn(history: History, result: LoginResult): History {
  const synsAt = recentSyns(history, result.synsAt, result.atMs);
  const { opened, atMs } = result;
  if (opened === undefined) return { ...afterFailure(history, result), synsAt, failedAt: atMs };
  const { isFirst } = opened;
  return {
    ...history,
    ...linesOf(history, result, opened),
    ...(isFirst ? firstOpened(history, result, opened) : laterOpened(history, result, opened)),
    rttsMs: [...history.rttsMs, opened.rttMs].slice(-KEPT_RTTS),
    failedLogins: 0,
    failedAt: 0,
    openedAt: atMs,
    openedBy: opened.by,
    nothingListenedAt: 0,
    silentWhenShut: silences(history, opened),
    refusedAt: 0,
    synsAt,
    room: Math.max(history.room, synsWithin(synsAt, opened.synAt)),
    limitedAt: isFirst ? 0 : history.limitedAt,
    cutShortAt: result.cutShort ? atMs : 0,
  };
}

/** A silence after a lost sequence may be one more loss. */
function silences({ silentWhenShut }: History, { whenShut, isFirst }: ObservedOpening): number {
  if (whenShut?.isRefused) return 0;
  return Math.min(KEPT_SILENCES, silentWhenShut + (isFirst ? (whenShut?.silent ?? 0) : 0));
}

/** A server that limits has shown how little room there is. A door taken for slow that stays closed was not. */
function afterFailure(
  { late, ...history }: History,
  { limited = false, refused = false, atMs }: LoginResult,
): History {
  return {
    ...history,
    opens: late === undefined ? history.opens : history.opens.filter(([afterMs]) => afterMs < late.afterMs),
    failedLogins: history.failedLogins + 1,
    ...(limited && { limitedAt: atMs, room: 0 }),
    ...(refused && { refusedAt: atMs }),
  };
}

/** Attempts that failed because the door is slow say nothing about the line. */
function linesOf(history: History, result: LoginResult, opened: ObservedOpening): Pick<History, 'tries'> {
  const isCertain = cameLate(history, result, opened) && history.late!.score === CERTAIN_SCORE - 1;
  const all = isCertain ? opened.tries : [...history.tries, ...opened.tries];
  return { tries: all.slice(-KEPT_TRIES) };
}

function firstOpened(history: History, result: LoginResult, opened: ObservedOpening): Partial<History> {
  const { late, opens } = history;
  const [closedMs, byMs] = opened.interval;
  const came = cameLate(history, result, opened);
  const isKnownSlow = late !== undefined && late.score >= CERTAIN_SCORE && closedMs === 0;
  // All these logins are about their first sequence: the door was still closed at the end of any one's silence.
  const isLater = (came || isKnownSlow) && byMs > late!.afterMs;
  const afterMs = isLater ? Math.max(closedMs, Math.min(late!.afterMs, byMs - 1)) : closedMs;
  return {
    opens: [...opens, [afterMs, byMs] as const].slice(-KEPT_OPENS),
    ...(came && { late: { afterMs, byMs, score: late!.score + 1 } }),
  };
}

/** The opening that the first attempt waited for has come, and not before. */
function cameLate(
  { late }: History,
  { awaitedLate = false }: LoginResult,
  { isFirst, interval }: ObservedOpening,
): boolean {
  return awaitedLate && isFirst && interval[1] >= late!.byMs;
}

function laterOpened(
  { late }: History,
  { awaitedLate }: LoginResult,
  { interval }: ObservedOpening,
): Partial<History> {
  const score = (late?.score ?? 0) - (awaitedLate ? 1 : 0);
  return { late: { afterMs: interval[0], byMs: interval[1], score } };
}

/** After a login that opened the door, and nothing listened on its port. */
export function learnNothingListens(history: History, { synsAt, atMs }: LoginResult): History {
  const all = recentSyns(history, synsAt, atMs);
  return { ...history, synsAt: all, failedLogins: 0, failedAt: 0, nothingListenedAt: atMs };
}

/** After a login through the opening of another one. @param nowAt in ms since the epoch. */
export function learnSyns(history: History, synsAt: readonly number[], nowAt: number): History {
  const all = recentSyns(history, synsAt, nowAt);
  return { ...history, synsAt: all, room: Math.max(history.room, synsWithin(all, nowAt)) };
}

function recentSyns(history: History, synsAt: readonly number[], nowAt: number): readonly number[] {
  return [...history.synsAt, ...synsAt]
    .filter((at) => isWithin(MINUTE_MS, at, nowAt))
    .sort((a, b) => a - b)
    .slice(-KEPT_SYNS);
}
