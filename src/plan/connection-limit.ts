import type { AttemptContext } from './attempt.ts';
import { type History, isWithin, MINUTE_MS, synsWithin } from './history.ts';
import { countFailures, isLossy } from './line-quality.ts';

/** Silence counts as something else than loss once loss would explain it this rarely. */
const RARELY = 0.001;
/** Where little is known of the line, this many attempts are enough: each SYN more would renew a ban. */
const MOST_TELLING = 6;
/** More SYNs in a minute than this, answered, leave no limit in use: 3 to 10 are usual. */
const LIMITLESS_ROOM = 12;
/** The strictest limits on new connections in use drop the fourth SYN in a minute. */
const STRICTEST_LIMIT = 4;
/** A limit this long, in ms, is set for servers that need patience. */
const PATIENT_LIMIT_MS = 20_000;
/** So many SYNs in a minute were answered that a second one harms nobody: usual limits are 3 to 5. */
const PROVEN_ROOM = 5;

/**
 * Whether the silence looks like a limit on new connections: the port has just answered, or the door opened before,
 * and the SYN with which the silence began was one more in a minute than ever got an answer. A sequence changed since then
 * may be wrong instead.
 */
export function looksLimited(context: AttemptContext): boolean {
  const { history, made, nowAt, elapsedMs, hasAnswered, candidates = 1, sequence } = context;
  if (hasAnswered) return made.length >= 2;
  if ((sequence.changedAt ?? 0) > history.openedAt) return false;
  return made.length >= candidates * tellingAttempts(history) && mayMeetLimit(history, nowAt - elapsedMs);
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

/**
 * Whether one SYN more would be more in a minute than ever got an answer, at a server that may limit them.
 *
 * @param nowAt when it leaves, in ms since the epoch.
 */
export function mayMeetLimit({ openedAt, synsAt, room }: History, nowAt: number): boolean {
  const count = 1 + synsWithin(synsAt, nowAt);
  return openedAt > 0 && count >= STRICTEST_LIMIT && count > room && room < LIMITLESS_ROOM;
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

export function isPatient(limitMs: number): boolean {
  return limitMs >= PATIENT_LIMIT_MS;
}
