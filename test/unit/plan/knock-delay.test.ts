import { describe, expect, it } from 'vitest';
import { type AttemptResult, chooseDelayMs } from '../../../src/plan/knock-delay.ts';

const STEPS = 10;
const COST = { leastMs: 110, gapMs: 0 };
const choose = (past: AttemptResult[], floorMs?: number, ceilingMs?: number) =>
  chooseDelayMs(STEPS, COST, past, floorMs, ceilingMs);
const tries = (count: number, delayMs: number, opened: boolean): AttemptResult[] =>
  Array.from({ length: count }, () => ({ delayMs, opened }));

describe('the pause between two knocks', () => {
  it('is none where nothing is known', () => {
    expect(choose([])).toBe(0);
  });

  it('grows after a failure, and not to what nobody would wait for', () => {
    const second = choose(tries(1, 0, false));
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThanOrEqual(20);
  });

  it('stays none on a line that mostly opens back to back: a failure there is a loss', () => {
    expect(choose([...tries(8, 0, true), ...tries(4, 0, false)])).toBe(0);
  });

  it('stays long where only long pauses have opened', () => {
    const past = [...tries(6, 0, false), ...tries(3, 10, false), ...tries(6, 45, true)];
    expect(choose(past)).toBeGreaterThanOrEqual(20);
  });

  it('costs nothing where it fits into the gap to the next attempt', () => {
    const past = tries(1, 0, false);
    const inGap = chooseDelayMs(STEPS, { leastMs: 110, gapMs: 300 }, past);
    expect(inGap).toBeGreaterThanOrEqual(choose(past));
    expect((STEPS - 1) * inGap + 110).toBeLessThanOrEqual(310);
  });

  it('covers 50 ms of jitter within the first six tries of a login', () => {
    const past: AttemptResult[] = [];
    const delays = Array.from({ length: 6 }, () => {
      const delayMs = choose(past);
      past.push({ delayMs, opened: false });
      return delayMs;
    });
    expect(Math.max(...delays)).toBeGreaterThanOrEqual(36);
  });

  it.each([0, 5, 30])('is never shorter than a floor of %i ms', (floorMs) => {
    for (const past of [[], tries(3, 0, false), tries(3, 0, true)]) {
      expect(choose(past, floorMs)).toBeGreaterThanOrEqual(floorMs);
    }
  });

  it('is never longer than what fits into the window of the door', () => {
    expect(choose([...tries(9, 0, false), ...tries(3, 10, false)], 0, 11)).toBeLessThanOrEqual(11);
  });
});
