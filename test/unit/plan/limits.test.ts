import { describe, expect, it } from 'vitest';
import type { AttemptContext } from '../../../src/plan/attempt.ts';
import { learn } from '../../../src/plan/learn.ts';
import { planAttempt } from '../../../src/plan/plan-attempt.ts';
import { context, logins, NOW, opened, plan, silentLogin } from './schedule.ts';

describe('a limit on new connections', () => {
  const burst = logins(3, 2000);

  it('is suspected after two attempts, and gets one sequence and one connect that stays', () => {
    const { attempts } = silentLogin({ history: burst });
    expect(attempts.map(({ isLimited }) => isLimited)).toEqual([false, false, true]);
    expect(attempts.at(-1)!.connects).toEqual([{ atMs: 75, isKept: true }]);
    expect(attempts.at(-1)!.waitMs).toBe(Number.POSITIVE_INFINITY);
  });

  it.each<[string, Partial<AttemptContext>]>([
    ['first contact', {}],
    ['fewer SYNs than any limit', { history: logins(2, 2000) }],
    ['no more SYNs than were answered before', { history: { ...burst, room: 5 } }],
    ['a minute later', { history: logins(3, 70_000) }],
    [
      'a line that loses packets',
      {
        history: {
          ...burst,
          tries: [true, false, false, false, true].map((isOpen) => ({ delayMs: 0, opened: isOpen })),
        },
      },
    ],
  ])('is not: %s', (_, more) => {
    expect(silentLogin(more).attempts.every(({ isLimited }) => !isLimited)).toBe(true);
  });

  it('is where the port has just answered', () => {
    const made = silentLogin().attempts.slice(0, 2);
    expect(plan({ made, hasAnswered: true }).isLimited).toBe(true);
  });

  it('leaves one SYN to a login until one opens easily, for an hour at most', () => {
    const limited = learn(burst, { atMs: NOW, synsAt: [], limited: true });
    expect(silentLogin({ history: limited }).syns).toBe(1);
    expect(silentLogin({ history: limited, nowAt: NOW }).attempts).toHaveLength(1);
    expect(opened(limited).limitedAt).toBe(0);
    expect(planAttempt(context({ history: limited, nowAt: NOW + 3_700_000 }))!.waitMs).not.toBeUndefined();
  });
});
