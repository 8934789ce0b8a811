import type { AttemptContext } from './attempt.ts';
import { type History, isWithin, MINUTE_MS, synsWithin } from './history.ts';

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
/** Openings that show a clean line. */
const CLEAN_OPENINGS = 3;
/** Failed attempts, and their share, that show a lossy one. */
const LOSSY_FAILURES = 3;
const LOSSY_SHARE = 0.25;
/** Silence counts as something else than loss once loss would explain it this rarely. */
const RARELY = 0.001;
/** Where little is known of the line, this many attempts are enough: each SYN more would renew a ban. */
const MOST_TELLING = 6;
/** More SYNs in a minute than this, answered, leave no limit in use: 3 to 10 are usual. */
const LIMITLESS_ROOM = 12;
/** The strictest limits on new connections in use drop the fourth SYN in a minute. */
const STRICTEST_LIMIT = 4;
/** Failed logins in a row after which the sequence is probably outdated: one attempt a login. */
export const HOPELESS_LOGINS = 3;
/** After so long the server may have come back, and a limit has run out. */
const CAUTIOUS_MS = 3_600_000;
/** A limit this long, in ms, is set for servers that need patience. */
const PATIENT_LIMIT_MS = 20_000;
/** So many SYNs in a minute were answered that a second one harms nobody: usual limits are 3 to 5. */
const PROVEN_ROOM = 5;

/** @param limitMs KnockTimeout. */
export function mostAttempts(history: History, limitMs: number): number {
  const most = isClean(history)
    ? MOST_ATTEMPTS_CLEAN
    : isLossy(history)
      ? MOST_ATTEMPTS_LOSSY
      : MOST_ATTEMPTS;
  return most + Math.max(0, Math.floor((limitMs - FILLED_MS) / LONGEST_GAP_MS));
}

export function isClean({ tries, openedAt }: History): boolean {
  return openedAt > 0 && tries.length >= CLEAN_OPENINGS && tries.every(({ opened }) => opened);
}

export function isLossy(history: History): boolean {
  const failures = countFailures(history);
  return failures >= LOSSY_FAILURES && failures >= LOSSY_SHARE * history.tries.length;
}

/**
 * How many attempts in a row without an answer are no longer to be explained by what earlier logins saw of the line:
 * 2 where they never needed a retry, more than a login makes where they mostly did.
 */
export function tellingAttempts(history: History): number {
  if (history.openedAt === 0 || isLossy(history)) return Number.POSITIVE_INFINITY;
  const failures = countFailures(history);
  if (failures === 0) return 2;
  // A line that has lost one packet may lose more than was seen.
  const missed = (failures + 2) / (history.tries.length + 2);
  return missed >= 1 ? MOST_TELLING : Math.min(MOST_TELLING, Math.ceil(Math.log(RARELY) / Math.log(missed)));
}

function countFailures({ tries }: History): number {
  return tries.filter(({ opened }) => !opened).length;
}

/**
 * Whether the silence looks like a limit on new connections: the port has just answered, or the door opened before,
 * and the SYN with which the silence began was one more in a minute than ever got an answer.
 */
export function looksLimited({ history, made, nowAt, elapsedMs, hasAnswered }: AttemptContext): boolean {
  if (hasAnswered) return made.length >= 2;
  return made.length >= tellingAttempts(history) && mayMeetLimit(history, nowAt - elapsedMs);
}

/** Whether one SYN more would be more in a minute than ever got an answer, at a server that may limit them. */
function mayMeetLimit({ openedAt, synsAt, room }: History, nowAt: number): boolean {
  const count = 1 + synsWithin(synsAt, nowAt);
  return openedAt > 0 && count >= STRICTEST_LIMIT && count > room && room < LIMITLESS_ROOM;
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

export function isPatient(limitMs: number): boolean {
  return limitMs >= PATIENT_LIMIT_MS;
}

/**
 * Whether SYNs may be sent before the door is certainly open, at the risk of a second one. `freely` where the server
 * has shown that it does not count them strictly; else only to tell which `kind` of door it is, when nothing was
 * sent for a minute.
 */
export function exploration(
  { opens, synsAt, room, limitedAt }: History,
  nowAt: number,
): 'freely' | 'kind' | 'none' {
  if (limitedAt > 0 || opens.length === 0) return 'none';
  if (room >= PROVEN_ROOM) return 'freely';
  return isWithin(MINUTE_MS, synsAt.at(-1) ?? 0, nowAt) ? 'none' : 'kind';
}

/** Whether the server has shown that it does not count SYNs: one more than needed harms nobody. */
export function isLimitless({ room, limitedAt }: History): boolean {
  return limitedAt === 0 && room >= LIMITLESS_ROOM;
}
