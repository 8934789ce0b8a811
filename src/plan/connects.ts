import { type OpeningTime, openBy } from './opening-time.ts';

/**
 * What a SYN to the hidden port may save: one is worth sending when the session is expected this much sooner, in
 * milliseconds. Nobody notices 20 ms, but a server that limits new connections counts each SYN, and so do its logs.
 */
export const SYN_PRICE_MS = 20;
/** An answer counts as missing so long after it was due, in milliseconds: timers and servers are late. */
const ANSWER_SLACK_MS = 4;
/** The single connect of a login that must not cost a second one waits for this share of openings. */
const SURE_SHARE = 0.98;
/** The same where lost SYNs make the door look slower than it is. */
const SURE_SHARE_LOSSY = 0.75;

/** The moment at which the door is open for certain, as far as was seen, in ms after the last knock. */
export function sureMs({ by, edgesMs }: OpeningTime, isLossy: boolean): number {
  const sure = isLossy ? SURE_SHARE_LOSSY : SURE_SHARE;
  return edgesMs[by.findIndex((share) => share >= sure)]!;
}

/**
 * One or two moments to connect at for which the expected time and the price of the expected SYNs are least. The last
 * one is at `safeMs` or later, so that there is no third.
 *
 * @param safeMs when the door is open for certain, in ms after the last knock.
 * @param rttMs until an answer comes.
 * @returns ms after the last knock, ascending.
 */
export function cheapestConnects(opening: OpeningTime, safeMs: number, rttMs: number): number[] {
  const plans = [[safeMs]];
  for (const earlyMs of opening.edgesMs) {
    if (earlyMs === 0 || earlyMs >= safeMs) continue;
    const answeredMs = earlyMs + rttMs + ANSWER_SLACK_MS;
    plans.push([earlyMs, Math.max(safeMs, answeredMs)]);
    if (safeMs < answeredMs) plans.push([earlyMs, safeMs]);
  }
  const costs = plans.map((times) => cost(opening, times, rttMs));
  return plans[costs.indexOf(Math.min(...costs))]!;
}

/** Expected ms from the last knock to the SYN that is answered, and the price of the SYNs sent by then. */
function cost(opening: OpeningTime, [firstMs, secondMs]: readonly number[], rttMs: number): number {
  if (secondMs === undefined) return firstMs! + SYN_PRICE_MS;
  const found = openBy(opening, firstMs!);
  const isAwaited = secondMs >= firstMs! + rttMs + ANSWER_SLACK_MS;
  const syns = isAwaited ? 2 - found : 2;
  return found * firstMs! + (1 - found) * secondMs + syns * SYN_PRICE_MS;
}
