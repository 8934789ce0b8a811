import type { CompletedConnect } from '../network/connector.ts';
import { resultsOf } from '../plan/knocking.ts';
import type { LoginResult } from '../plan/learn.ts';
import { attemptAt, type MadeAttempt } from './made-attempts.ts';
import { type ConnectAnswers, isRefused } from './refused-after-silence.ts';
import { whenShut } from './refused-each-time.ts';

/** All that one login did at one address. */
export interface Made {
  readonly attempts: readonly MadeAttempt[];
  /** When it sent SYNs to the hidden port before its first knock, in ms since the epoch. */
  readonly earlierSynsAt: readonly number[];
  readonly answers: Pick<ConnectAnswers, 'before' | 'after'>;
  /** Now, on the clock of nowMs(), and in ms since the epoch. */
  readonly nowMs: number;
  readonly nowAt: number;
  readonly pid: number;
}

/** When the kernel resends a SYN, in milliseconds after the first one (RFC 6298; net.ipv4.tcp_syn_retries in tcp(7)). */
const RESENT_MS = [1000, 3000, 7000, 15_000, 31_000, 63_000];

/** What a login at one address adds to its history. @param answered the connect that completed; undefined: none has. */
export function loginResult(made: Made, answered?: CompletedConnect): LoginResult {
  const { attempts, answers, nowMs, nowAt } = made;
  const at = (ms: number) => nowAt - nowMs + ms;
  const plans = attempts.map(({ plan }) => plan);
  const result = {
    atMs: nowAt,
    synsAt: [...made.earlierSynsAt, ...synsMs(attempts, nowMs).map(at)].sort((a, b) => a - b),
    limited: answered === undefined && (plans.at(-1)?.isLimited ?? false),
    refused: answered === undefined && answers.after.length > 0 && answers.after.every(isRefused),
    cutShort: attempts.length > 0 && attempts.at(-1)!.knockedMs === undefined,
    awaitedLate: plans[0]?.awaitsLate ?? false,
  };
  if (answered === undefined) return result;
  const opener = attempts[attemptAt(attempts, answered.startedMs)]!;
  // The server did not expect the other candidates: that they failed says nothing about the door or the line.
  const same = attempts.filter(({ candidate }) => candidate === opener.candidate);
  const index = same.indexOf(opener);
  const opened = {
    tries: resultsOf(
      same.map(({ plan }) => plan),
      index,
    ),
    isFirst: index === 0,
    interval: openingInterval(same, answered.startedMs),
    rttMs: round(answered.tookMs),
    whenShut: whenShut(
      answers,
      attempts.flatMap(({ connects }) => connects),
      answered.startedMs,
    ),
    synAt: at(answered.startedMs),
    by: made.pid,
  };
  return { ...result, opened };
}

/** Two connects are distinguished by their times, which are equal for one that is looked up. */
const SAME_MS = 0.5;

/** After the last knock of the first attempt: the last connect without an answer (0: none), and the one with it. */
function openingInterval(
  attempts: readonly MadeAttempt[],
  startedMs: number,
): readonly [afterMs: number, byMs: number] {
  const knockedMs = attempts[0]!.knockedMs!;
  const earlier = attempts
    .flatMap(({ connects }) => connects.map((connect) => connect.startedMs))
    .filter((ms) => ms < startedMs - SAME_MS);
  return [
    earlier.length === 0 ? 0 : Math.max(0, round(earlier.at(-1)! - knockedMs)),
    Math.max(0.1, round(startedMs - knockedMs)),
  ];
}

/** When SYNs went to the hidden port, those that the kernel resent included. */
function synsMs(attempts: readonly MadeAttempt[], nowMs: number): number[] {
  return attempts.flatMap(({ knockSynsMs, connects }) => [
    ...knockSynsMs,
    ...connects.flatMap(({ startedMs, isKept }) => [
      startedMs,
      ...(isKept ? RESENT_MS.map((ms) => startedMs + ms).filter((ms) => ms < nowMs) : []),
    ]),
  ]);
}

/** To a tenth of a millisecond: more is noise. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
