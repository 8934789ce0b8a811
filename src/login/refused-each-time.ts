import { mayMeetLimit, tellingAttempts } from '../plan/connection-limit.ts';
import type { History } from '../plan/history.ts';
import type { WhenShut } from '../plan/learn.ts';
import { isClean } from '../plan/line-quality.ts';
import type { MadeAttempt } from './made-attempts.ts';
import { type Answers, type ConnectAnswers, isRefused } from './refused-after-silence.ts';

/** So many silent connects show that the shut port drops: one may have been lost. */
const LEAST_SILENT = 2;
/** So many attempts are enough where no login has seen the shut port, but the first sequence always opened it. */
const MOST_REFUSED = 4;
/** An answer is missing where a connect that left so much later, in milliseconds, has got one. */
const LATE_MS = 25;

/**
 * What it means that every connect of a login was refused, sequence after sequence. A door that opens at once leaves no
 * silence in between; a firewall that rejects looks the same, and so does a limit on new connections that rejects, as
 * ufw's.
 *
 * @param answers of all connects, in the order in which they left.
 * @param beganAt when the first of them left, in ms since the epoch.
 * @returns 'open' where earlier logins saw the shut port silent: the door opens, and nothing listens. 'unclear' where
 *   further sequences would tell no more. undefined: go on.
 */
export function refusedEachTime(
  attempts: readonly MadeAttempt[],
  answers: Answers,
  history: History,
  beganAt: number,
): 'open' | 'unclear' | undefined {
  if (answers.length === 0 || !answers.every(isRefused) || mayMeetLimit(history, beganAt)) return undefined;
  const asked = attempts.filter(({ connects }) => connects.length > 0);
  // Of several candidates the server expects one.
  const count = asked.length / new Set(asked.map(({ sequence }) => sequence)).size;
  if (history.silentWhenShut >= LEAST_SILENT && count >= tellingAttempts(history)) return 'open';
  return isClean(history) && count >= MOST_REFUSED ? 'unclear' : undefined;
}

/**
 * What a port that opened has answered before.
 *
 * @param connects those since the knocks, as many as `after`.
 * @param openedMs when the one left that completed, on the clock of nowMs().
 */
export function whenShut(
  { before, after }: Omit<ConnectAnswers, 'isLossy'>,
  connects: readonly { readonly startedMs: number }[],
  openedMs: number,
): WhenShut {
  const earlier = after.filter((_, at) => connects[at]!.startedMs < openedMs - LATE_MS);
  const silent = [...before, ...earlier].filter((answer) => answer === undefined).length;
  return { silent, isRefused: [...before, ...after].some(isRefused) };
}
