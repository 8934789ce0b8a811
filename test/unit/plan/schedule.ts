import { type Attempt, type AttemptContext, DEFAULT_CONNECTS } from '../../../src/plan/attempt.ts';
import { type History, NO_HISTORY } from '../../../src/plan/history.ts';
import { type LoginResult, learn } from '../../../src/plan/learn.ts';
import { planAttempt } from '../../../src/plan/plan-attempt.ts';
import { parseSequence, type Sequence } from '../../../src/plan/sequence.ts';

export const TEN = '41373,17895,41647,18101:udp,52948,56049,36593:udp,42343,28832:udp,36191:udp';
export const NOW = 1.8e12;
export const sequence = (text = TEN, more: Partial<Sequence> = {}): Sequence => ({
  steps: parseSequence(text),
  ...more,
});
export const context = (more: Partial<AttemptContext> = {}): AttemptContext => ({
  sequence: sequence(),
  history: NO_HISTORY,
  made: [],
  others: [],
  otherSyns: 0,
  nowAt: NOW,
  elapsedMs: 0,
  remainingMs: 8000,
  limitMs: 8000,
  hasAnswered: false,
  mostConnects: DEFAULT_CONNECTS,
  attemptsForEach: 1,
  random: () => 0.5,
  ...more,
});
export const plan = (more?: Partial<AttemptContext>) => planAttempt(context(more))!;
export const times = ({ connects }: Attempt) => connects.map(({ atMs }) => atMs);

/** A login through the door, by its first sequence unless said otherwise. */
export function opened(
  history: History,
  more: Partial<NonNullable<LoginResult['opened']>> = {},
  at = NOW,
): History {
  const synAt = at - 20;
  return learn(history, {
    atMs: at,
    synsAt: [synAt],
    opened: {
      tries: [{ delayMs: 0, opened: true }],
      isFirst: true,
      interval: [0, 75],
      rttMs: 20,
      synAt,
      by: 1,
      ...more,
    },
  });
}
/** Logins `paceMs` apart, the last of them `paceMs` ago. */
export const logins = (count: number, paceMs: number, more = {}) =>
  Array.from({ length: count }).reduce<History>(
    (history, _, index) => opened(history, more, NOW - (count - index) * paceMs),
    NO_HISTORY,
  );

/** All attempts of a login that gets no answer, with when they begin. */
export function silentLogin(more: Partial<AttemptContext> = {}): {
  attempts: Attempt[];
  startsMs: number[];
  syns: number;
} {
  const limitMs = more.limitMs ?? 8000;
  const attempts: Attempt[] = [];
  const startsMs: number[] = [];
  let [nowMs, firstKnockedMs] = [0, 0];
  for (;;) {
    const elapsedMs = attempts.length === 0 ? 0 : nowMs - firstKnockedMs;
    const remainingMs = limitMs - elapsedMs;
    const next = planAttempt(
      context({ ...more, made: attempts, nowAt: NOW + nowMs, elapsedMs, remainingMs }),
    );
    if (next === undefined || remainingMs <= 0) break;
    startsMs.push(nowMs);
    attempts.push(next);
    nowMs += next.knocks.at(-1)!.atMs;
    if (attempts.length === 1) firstKnockedMs = nowMs;
    if (!Number.isFinite(next.waitMs)) break;
    nowMs += next.waitMs;
  }
  const syns = attempts.flatMap(({ connects }) => connects).length;
  return { attempts, startsMs, syns };
}
export const gaps = (startsMs: readonly number[]) =>
  startsMs.slice(1).map((ms, index) => ms - startsMs[index]!);
