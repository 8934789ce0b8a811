import { describe, expect, it } from 'vitest';
import { planAttempt } from '../../../../src/plan/attempt.ts';
import { type History, NO_HISTORY } from '../../../../src/plan/history.ts';
import { type Sequence, SLOWEST_FWKNOPD_MS } from '../../../../src/plan/sequence.ts';

const SPA: Sequence = {
  steps: [{ port: 62201, protocol: 'udp', payload: () => Buffer.from('x') }],
  slowestOpeningMs: SLOWEST_FWKNOPD_MS,
};
/** As many logins taught: it opens at any time from 18 to 207 ms. */
const learned = (rttMs: number): History => ({
  ...NO_HISTORY,
  tries: Array.from({ length: 12 }, () => ({ delayMs: 0, opened: true })),
  opens: Array.from({ length: 12 }, (_, n) => [18 + n * 15, 26 + n * 15] as const),
  rttsMs: [rttMs],
});
const plan = (number: number, memory = NO_HISTORY, random = 0.5, sequence = SPA) =>
  planAttempt({
    sequence,
    memory,
    failed: Array.from({ length: number - 1 }, () => ({ delayMs: 0, opened: false })),
    number,
    random: () => random,
  });

describe('the schedule of a door of one packet', () => {
  it.each([1, 2, 3, 9, 30])('sends one packet in try %i, and nothing before it', (number) => {
    const { knocks, delayMs } = plan(number);
    expect(knocks).toEqual([{ step: SPA.steps[0], number: 1, atMs: 0 }]);
    expect(delayMs).toBe(0);
  });

  it('connects all the time that fwknopd takes, on first contact', () => {
    const { connectsMs: probesMs, waitMs } = plan(1);
    expect(waitMs).toBeCloseTo(245);
    expect(probesMs[0]).toBeLessThan(10);
    expect(probesMs.at(-1)).toBeGreaterThan(SLOWEST_FWKNOPD_MS);
    const gaps = probesMs.slice(1).map((ms, index) => ms - probesMs[index]!);
    expect(Math.max(...gaps.slice(0, 17))).toBeLessThan(12);
    expect(probesMs.length).toBeLessThan(25);
  });

  it.each([0, 0.5, 0.999])('sends no packet before the one before had its time (random %f)', (random) => {
    for (const memory of [NO_HISTORY, learned(1), learned(100)]) {
      for (let number = 1; number < 30; number++) {
        const rttMs = memory.rttsMs[0] ?? 0;
        expect(plan(number, memory, random).waitMs).toBeGreaterThanOrEqual(SLOWEST_FWKNOPD_MS + rttMs);
      }
    }
  });

  it('stays below 100 connects in the default 8 s', () => {
    for (const memory of [NO_HISTORY, learned(1), learned(100)]) {
      for (const random of [0, 0.5, 0.999]) {
        let [elapsedMs, connects] = [0, 0];
        for (let number = 1; elapsedMs < 8000 && number <= 30; number++) {
          const { connectsMs: probesMs, waitMs } = plan(number, memory, random);
          connects += probesMs.length;
          elapsedMs += Math.max(waitMs, probesMs.at(-1)!);
        }
        expect(connects).toBeLessThan(100);
      }
    }
  });

  it('leaves other doors as they were', () => {
    const { slowestOpeningMs: _, ...knockd } = SPA;
    const { connectsMs: probesMs, waitMs } = plan(1, NO_HISTORY, 0.5, knockd);
    expect(waitMs).toBeCloseTo(110);
    expect(probesMs.slice(0, 3)).toEqual([2, 6, 10]);
    expect(plan(2, NO_HISTORY, 0.5, knockd).connectsMs).toEqual([12, 35, 60, 85]);
  });
});
