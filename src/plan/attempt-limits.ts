import { type History, isWithin } from './history.ts';
import { isClean, isLossy } from './line-quality.ts';

/** What a login that fails may send: sequences, and SYNs to the hidden port. */
const MOST_ATTEMPTS = 16;
/** The same where earlier logins opened with their first sequence. */
const MOST_ATTEMPTS_CLEAN = 8;
/**
 * The same where the line is known to lose packets: at 10 % each way one sequence of ten knocks in three arrives, and
 * 16 leave one login in 900 outside.
 */
const MOST_ATTEMPTS_LOSSY = 24;
/** A longer limit than these attempts fill with gaps of at most LONGEST_GAP_MS gets more. */
const FILLED_MS = 60_000;
export const LONGEST_GAP_MS = 15_000;
/** Failed logins in a row after which the sequence is probably outdated: one attempt a login. */
export const HOPELESS_LOGINS = 3;
/** After so long the server may have come back, and a limit has run out. */
const CAUTIOUS_MS = 3_600_000;

/** @param limitMs KnockTimeout. */
export function mostAttempts(history: History, limitMs: number): number {
  const most = isClean(history)
    ? MOST_ATTEMPTS_CLEAN
    : isLossy(history)
      ? MOST_ATTEMPTS_LOSSY
      : MOST_ATTEMPTS;
  return most + Math.max(0, Math.floor((limitMs - FILLED_MS) / LONGEST_GAP_MS));
}

/** One attempt with one SYN: a limit was met, or the last logins failed; for an hour. */
export function isCautious(history: History, nowAt: number): boolean {
  const isHopeless =
    history.failedLogins >= HOPELESS_LOGINS && isWithin(CAUTIOUS_MS, history.failedAt, nowAt);
  return isHopeless || isLimitNoted(history, nowAt);
}

/** Whether a login of the last hour has met a limit that no login has passed since. */
export function isLimitNoted({ limitedAt }: History, nowAt: number): boolean {
  return limitedAt > 0 && isWithin(CAUTIOUS_MS, limitedAt, nowAt);
}
