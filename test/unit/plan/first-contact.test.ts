import { describe, expect, it } from 'vitest';
import { NO_HISTORY } from '../../../src/plan/history.ts';
import { gaps, logins, NOW, plan, sequence, silentLogin, times } from './schedule.ts';

describe('first contact', () => {
  it('connects once, when a knockd that is well has opened, and waits for an answer over 100 ms', () => {
    const { connects, waitMs } = plan();
    expect(connects).toEqual([{ atMs: 75, isKept: false }]);
    expect(waitMs).toBeGreaterThanOrEqual(75 + 110);
  });

  it('sends two sequences and two SYNs at most within 300 ms of round trip', () => {
    const { attempts, startsMs } = silentLogin();
    const answeredMs = 75 + 300;
    expect(startsMs.filter((ms) => ms < answeredMs)).toHaveLength(2);
    const synsMs = attempts.flatMap((attempt, i) =>
      times(attempt).map((ms) => startsMs[i]! + attempt.knocks.at(-1)!.atMs + ms),
    );
    expect(synsMs.filter((ms) => ms < answeredMs)).toHaveLength(2);
  });

  it('gives fwknopd its time', () => {
    expect(times(plan({ sequence: sequence('62201:udp', { slowestOpeningMs: 210 }) }))).toEqual([210, 420]);
  });
});

describe('a login that gets no answer', () => {
  it.each([
    ['first contact', NO_HISTORY, 16, 16],
    ['a clean line, asked whether it opens at once', logins(5, 300_000), 7, 8],
    ['a clean line, in a burst that was answered', { ...logins(3, 5000), room: 4 }, 8, 8],
  ])(
    '%s: so many sequences and SYNs, over the whole limit, the gaps growing',
    (_, history, sequences, most) => {
      const { startsMs, syns } = silentLogin({ history });
      expect(startsMs).toHaveLength(sequences);
      expect(syns).toBe(most);
      expect(startsMs.at(-1)).toBeGreaterThan(6000);
      expect(startsMs.at(-1)).toBeLessThan(7600);
      const between = gaps(startsMs);
      expect(between.at(-1)).toBeGreaterThan(4 * between[0]!);
    },
  );

  it('lasts as long as KnockTimeout', () => {
    expect(silentLogin({ limitMs: 30_000 }).startsMs.at(-1)).toBeGreaterThan(20_000);
  });

  it.each([
    [2, 0, 16],
    [3, 60_000, 1],
    [3, 3_599_000, 1],
    [3, 3_601_000, 16],
  ])('after %i failures, the last %i ms ago: %i attempts', (failedLogins, agoMs, most) => {
    const history = { ...NO_HISTORY, failedLogins, failedAt: NOW - agoMs };
    const { startsMs, syns } = silentLogin({ history });
    expect([startsMs.length, syns]).toEqual([most, most]);
  });
});
