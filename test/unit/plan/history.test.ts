import { describe, expect, it } from 'vitest';
import {
  type History,
  learn,
  NO_HISTORY,
  openedByMs,
  parseHistory,
  slowestRttMs,
  usualRttMs,
} from '../../../src/plan/history.ts';

const opened = (memory: History, interval: readonly [number, number], rttMs = 20) =>
  learn(memory, { tries: [{ delayMs: 0, opened: true }], opened: { interval, rttMs, atMs: 1, by: 1 } });

describe('what is learned', () => {
  it('keeps the last openings, round trips and tries, and no more', () => {
    let memory = NO_HISTORY;
    for (let i = 1; i <= 100; i++) memory = opened(memory, [0, i], i);
    expect(memory.opens).toHaveLength(16);
    expect(memory.rttsMs).toHaveLength(8);
    expect(memory.tries).toHaveLength(24);
    expect(memory.opens.at(-1)).toEqual([0, 100]);
  });

  it('counts logins that never opened, until one opens', () => {
    const failed = learn(learn(NO_HISTORY, { tries: [] }), { tries: [] });
    expect(failed.failedLogins).toBe(2);
    expect(opened(failed, [0, 1]).failedLogins).toBe(0);
  });

  it('spreads an opening over the interval it was found in', () => {
    const memory = opened(opened(NO_HISTORY, [0, 40]), [40, 80]);
    expect(openedByMs(memory, 0.25)).toBeCloseTo(20, 0);
    expect(openedByMs(memory, 0.5)).toBeCloseTo(40, 0);
    expect(openedByMs(memory, 1)).toBeCloseTo(80, 0);
  });

  it('knows the usual and the slowest round trip', () => {
    const memory = [5, 6, 7, 90].reduce((m, rttMs) => opened(m, [0, 1], rttMs), NO_HISTORY);
    expect(usualRttMs(memory)).toBe(7);
    expect(slowestRttMs(memory)).toBe(90);
    expect(usualRttMs(NO_HISTORY)).toBeUndefined();
  });

  it('is the same after a turn through its file', () => {
    const memory = [1, 2, 3].reduce((m, i) => opened(m, [i, i + 10], i), NO_HISTORY);
    expect(parseHistory(JSON.stringify(memory))).toEqual(memory);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '42',
    '"x"',
    '{"tries":1,"opens":{},"rttsMs":"x","failedLogins":-1,"openedAt":"now"}',
    '{"opens":[[2,1],[0],[0,1,2],["a","b"],null],"tries":[null,{},{"delayMs":-1,"opened":true}]}',
    '{"rttsMs":[1e99,-1,null]}',
  ])('is nothing where the file holds %j', (text) => {
    expect(parseHistory(text)).toEqual(NO_HISTORY);
  });
});
