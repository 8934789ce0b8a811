import { describe, expect, it } from 'vitest';
import { cheapestConnects, SYN_PRICE_MS, sureMs } from '../../../src/plan/connects.ts';
import { type History, NO_HISTORY } from '../../../src/plan/history.ts';
import { learn } from '../../../src/plan/learn.ts';
import { openBy, openingTime } from '../../../src/plan/opening-time.ts';
import { logins, NOW, opened, plan, times } from './schedule.ts';

describe('exploring', () => {
  it.each([1, 2, 3, 4])('login %i of a burst sends one SYN, at the safe time', (count) => {
    expect(times(plan({ history: logins(count, 5000) }))).toEqual([75]);
  });

  it.each([
    ['after five answered in a minute', logins(5, 5000)],
    ['after a quiet minute', logins(1, 61_000)],
  ])('%s it asks whether the door opens at once, with one SYN in reserve', (_, history) => {
    expect(times(plan({ history }))).toEqual([2, 75]);
  });

  it('connects at once, once, where that was learned', () => {
    const history = logins(6, 5000, { interval: [0, 2] });
    expect(times(plan({ history }))[0]).toBe(2);
    expect(openBy(openingTime(history.opens), 2)).toBeGreaterThan(0.9);
  });

  it('sends no SYN early after a limit was met', () => {
    expect(times(plan({ history: { ...logins(9, 5000), limitedAt: NOW - 4_000_000 } }))).toEqual([75]);
  });

  it('keeps to KnockConnects 1', () => {
    expect(times(plan({ history: logins(5, 5000), mostConnects: 1 }))).toEqual([75]);
  });
});

describe('the moments to connect at', () => {
  /** knockd: found closed and open at every 4 ms of 8-70. */
  const knockd = openingTime(Array.from({ length: 16 }, (_, i) => [6 + i * 4, 10 + i * 4] as const));
  const mean = (planned: readonly number[]) => {
    const opens = Array.from({ length: 62 }, (_, i) => 8 + i);
    const lateness = opens.map((ms) => planned.find((at) => at >= ms)! - ms);
    const syns = opens.map((ms) => planned.findIndex((at) => at >= ms) + 1);
    const of = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    return { lateMs: of(lateness), syns: of(syns) };
  };

  it('are two on a LAN before a knockd: 1.3-1.6 SYNs, less than 21 ms late', () => {
    const planned = cheapestConnects(knockd, 75, 0.2);
    expect(planned).toHaveLength(2);
    expect(mean(planned).syns).toBeLessThan(1.6);
    expect(mean(planned).lateMs).toBeLessThan(21);
  });

  it.each([100, 300])('send one SYN at %i ms of round trip unless the first was too early', (rttMs) => {
    const [first, second] = cheapestConnects(knockd, 75, rttMs);
    expect(openBy(knockd, first!)).toBeGreaterThan(0.85);
    expect(second === undefined || second > first! + rttMs).toBe(true);
  });

  it('wait for the slower of two modes only when the sooner has not come', () => {
    const modes = openingTime([...Array(12).fill([0, 25]), ...Array(4).fill([275, 420])]);
    expect(sureMs(modes, false)).toBe(420);
    expect(cheapestConnects(modes, 420, 20)[0]).toBeLessThanOrEqual(25);
  });

  it('price a SYN', () => {
    expect(SYN_PRICE_MS).toBe(20);
  });
});

describe('a slow door', () => {
  const met = opened(NO_HISTORY, {
    isFirst: false,
    tries: [...Array(8).fill({ delayMs: 0, opened: false }), { delayMs: 0, opened: true }],
    interval: [2700, 3200],
  });

  it('is waited for with one sequence in the next login', () => {
    const { connects, waitMs, awaitsLate } = plan({ history: met });
    expect(connects.map(({ atMs }) => atMs)).toEqual([75, 3200]);
    expect(waitMs).toBeGreaterThan(3220);
    expect(awaitsLate).toBe(true);
  });

  it('is certain after three of them, and its line no longer bad', () => {
    const again = (history: History) =>
      learn(history, {
        atMs: NOW,
        synsAt: [],
        awaitedLate: true,
        opened: {
          tries: [{ delayMs: 0, opened: true }],
          isFirst: true,
          interval: [75, 3201],
          rttMs: 20,
          synAt: NOW,
          by: 1,
        },
      });
    const history = again(again(again(met)));
    expect(history.tries).toHaveLength(1);
    expect(times(plan({ history })).at(-1)).toBeGreaterThan(3100);
  });

  it('was none when the wait was in vain', () => {
    const history = learn(met, {
      atMs: NOW,
      synsAt: [],
      awaitedLate: true,
      opened: {
        tries: [
          { delayMs: 0, opened: false },
          { delayMs: 0, opened: true },
        ],
        isFirst: false,
        interval: [3200, 3400],
        rttMs: 20,
        synAt: NOW,
        by: 1,
      },
    });
    expect(plan({ history }).awaitsLate).toBe(false);
  });
});

it('gives a server 40 ms more after a retry over a line that loses little, for eight attempts', () => {
  const retried = opened(logins(6, 70_000), {
    isFirst: false,
    tries: [false, true].map((isOpen) => ({ delayMs: 0, opened: isOpen })),
    interval: [75, 280],
  });
  const known = { ...retried, openedAt: NOW - 5000 };
  expect(times(plan({ history: known }))[0]).toBe(115);
  const later = Array.from({ length: 8 }).reduce<History>((history) => opened(history), retried);
  expect(times(plan({ history: { ...later, room: 1 } }))).toEqual([75]);
});
