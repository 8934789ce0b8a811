import type { AttemptContext, InformedContext } from './attempt.ts';
import { exploration } from './connection-limit.ts';
import { cheapestConnects, sureMs } from './connects.ts';
import { CERTAIN_SCORE, type History, type Interval, type Late, slowestRttMs } from './history.ts';
import { isLossy } from './line-quality.ts';
import { AT_ONCE_MS, type OpeningTime, openBy, SURE_KNOCKD_MS } from './opening-time.ts';

/** From a SYN to an answer over an unknown line: 100 ms of round trip, and half of that for a busy machine or network. */
const UNKNOWN_ANSWER_MS = 150;
/** The same for a retry, which mostly makes up for a loss over a shorter line. */
const RETRY_ANSWER_MS = 93;
/** What is added to a known round trip: a share of it, and at least so many ms. */
const ANSWER_SHARE = 0.25;
export const ANSWER_MARGIN_MS = 25;
/** A late opening is waited for within this share of the limit: it may be a loss after all. */
const MOST_AWAITED_SHARE = 0.7;
/** From this chance on a door counts as one that opens at once; up to the other, as one that does not. */
const AT_ONCE_SHARE = 0.7;
const DAEMON_SHARE = 0.15;
/** Openings of those remembered that may have cost a second SYN to tell which of the two a door is. */
const MOST_ASKED = 2;
/** A daemon that starts programs takes so many times longer on a busy server: a SYN more is less than a packet more. */
const SLOW_DAEMON = 2;
/** This one sends no SYN, for the two of the second one: a door that it opens is found by the next one. */
const SILENT_ATTEMPT = 7;

/** What a busy server is given besides, in milliseconds, and how many attempts ago it was busy. */
const SLOW_SERVER_MS = 40;
const RECENT_TRIES = 8;

/** The moments to connect at, but for a second one over an unknown line. */
export function connectTimes(context: InformedContext): number[] {
  const { history, made, opening, nowAt, mostConnects, sequence } = context;
  const safe = safeMs(context);
  if (made.length > 0 || mostConnects < 2) return isSilent(context) ? [] : [safe];
  if (history.opens.length === 0 && sequence.slowestOpeningMs !== undefined)
    return [safe, SLOW_DAEMON * safe];
  const explores = isSteady(context) ? exploration(history, nowAt) : 'none';
  const kind = kindOf(opening);
  if (explores === 'none' || (explores === 'kind' && kind === 'daemon')) return [safe];
  if (kind === 'unknown' && AT_ONCE_MS < safe && countAsked(history) < MOST_ASKED) return [AT_ONCE_MS, safe];
  if (explores === 'kind' && kind === 'unknown') return [safe];
  return cheapestConnects(opening, safe, slowestRttMs(history) ?? 0);
}

/** Over a line that loses or reorders packets, when a SYN was answered says little about the door. */
function isSteady({ history, sequence: { delayMs: fixedMs = 0 } }: InformedContext): boolean {
  return !isLossy(history) && history.tries.every(({ delayMs, opened }) => !opened || delayMs <= fixedMs);
}

function countAsked({ opens }: History): number {
  return opens.filter(([afterMs]) => afterMs > 0).length;
}

function isSilent({ made }: InformedContext): boolean {
  return made.length + 1 === SILENT_ATTEMPT && made[1]!.connects.length > 1;
}

/** When the door is certainly open: no sooner than a healthy daemon takes, unless the door needs none. */
export function safeMs({
  history,
  opening,
  sequence: { slowestOpeningMs = SURE_KNOCKD_MS },
}: InformedContext): number {
  const usualMs = slowestOpeningMs + (hasRetried(history) ? SLOW_SERVER_MS : 0);
  if (history.opens.length === 0) return usualMs;
  const ms = sureMs(opening, isLossy(history));
  return kindOf(opening) === 'at once' ? ms : Math.max(usualMs, ms);
}

/** A retry on a line that loses little may be the fault of a busy server, where the next SYN would be one too early again. */
function hasRetried(history: History): boolean {
  return !isLossy(history) && history.tries.slice(-RECENT_TRIES).some(({ opened }) => !opened);
}

export function kindOf(opening: OpeningTime): 'at once' | 'unknown' | 'daemon' {
  const share = openBy(opening, AT_ONCE_MS);
  return share >= AT_ONCE_SHARE ? 'at once' : share <= DAEMON_SHARE ? 'daemon' : 'unknown';
}

/**
 * A retry that was answered may have met a slow door instead of making up for a loss. While no login has seen the
 * door open sooner, the next ones send no second sequence until that time, and find out.
 */
export function awaitedLate({ history: { late, opens }, made, limitMs }: InformedContext): Late | undefined {
  if (made.length > 0 || late === undefined || late.score < 0 || late.score >= CERTAIN_SCORE)
    return undefined;
  const isUnseen = opens.every(([, byMs]) => byMs > (late.afterMs + late.byMs) / 2);
  return isUnseen && late.byMs < MOST_AWAITED_SHARE * limitMs ? late : undefined;
}

/** A connect at the usual time too: the door is slow only if it is closed then. */
export function withLate(context: InformedContext, { byMs }: Late): number[] {
  const { sequence, mostConnects, history } = context;
  const usualMs = (sequence.slowestOpeningMs ?? SURE_KNOCKD_MS) + (hasRetried(history) ? SLOW_SERVER_MS : 0);
  return mostConnects > 1 && usualMs < byMs ? [usualMs, byMs] : [byMs];
}

/** How long after its last connect an attempt is given up. */
export function answerMs({ history, made }: InformedContext): number {
  const rttMs = slowestRttMs(history);
  if (rttMs !== undefined) return rttMs + Math.max(ANSWER_MARGIN_MS, ANSWER_SHARE * rttMs);
  return made.length === 0 ? UNKNOWN_ANSWER_MS : ANSWER_MARGIN_MS;
}

/** From which the gaps between attempts grow: how long one is waited for at least. */
export function leastGapMs(context: InformedContext, lastConnectMs: number): number {
  const isUnknown = slowestRttMs(context.history) === undefined;
  return lastConnectMs + (isUnknown ? RETRY_ANSWER_MS : answerMs(context));
}

/** Over a line that loses SYNs, a door that was ever seen open at its usual time is not slow. */
export function trustedOpens({
  history,
  sequence: { slowestOpeningMs = SURE_KNOCKD_MS },
}: AttemptContext): readonly Interval[] {
  const { opens } = history;
  const usual = opens.filter(([afterMs]) => afterMs < slowestOpeningMs);
  return isLossy(history) && usual.length > 0 ? usual : opens;
}
