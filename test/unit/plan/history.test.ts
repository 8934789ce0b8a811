import { describe, expect, it } from 'vitest';
import { type History, NO_HISTORY, slowestRttMs } from '../../../src/plan/history.ts';
import { parseHistory } from '../../../src/plan/history-file.ts';
import { learn, learnNothingListens, learnSyns } from '../../../src/plan/learn.ts';
import { logins, NOW, opened } from './schedule.ts';

const failed = (history: History, atMs = NOW) => learn(history, { atMs, synsAt: [] });

describe('what is learned', () => {
  it('keeps the last openings, round trips, attempts and SYNs, and no more', () => {
    let history = NO_HISTORY;
    for (let n = 1; n <= 100; n++) history = opened(history, { interval: [0, n], rttMs: n });
    expect(history.opens).toHaveLength(16);
    expect(history.rttsMs).toHaveLength(8);
    expect(history.tries).toHaveLength(24);
    expect(history.synsAt).toHaveLength(40);
    expect(history.opens.at(-1)).toEqual([0, 100]);
  });

  it('counts logins that never opened, and when, until one opens', () => {
    const twice = failed(failed(NO_HISTORY, NOW - 1), NOW);
    expect(twice).toMatchObject({ failedLogins: 2, failedAt: NOW });
    expect(opened(twice)).toMatchObject({ failedLogins: 0, failedAt: 0 });
  });

  it('counts the SYNs of a minute up to one that was answered', () => {
    expect(logins(5, 5000).room).toBe(5);
    expect(logins(5, 70_000).room).toBe(1);
  });

  it('counts SYNs that nobody knocked for', () => {
    expect(learnSyns(logins(2, 5000), [NOW - 20], NOW)).toMatchObject({ room: 3 });
    expect(learnNothingListens(NO_HISTORY, { atMs: NOW, synsAt: [NOW - 9] }).synsAt).toEqual([NOW - 9]);
  });

  it('forgets a clock that was set back', () => {
    expect(learn(logins(3, 5000), { atMs: NOW - 3_600_000, synsAt: [] }).synsAt).toEqual([]);
  });

  it('knows the slowest round trip', () => {
    const history = [5, 6, 7, 90, 8].reduce((before, rttMs) => opened(before, { rttMs }), NO_HISTORY);
    expect(slowestRttMs(history)).toBe(90);
    expect(slowestRttMs(NO_HISTORY)).toBeUndefined();
  });
});

describe('the file of a history', () => {
  it('may be one of version 1.0', () => {
    const old = { tries: [], opens: [[0, 4]], rttsMs: [3], failedLogins: 3, openedAt: 5, openedBy: 6 };
    expect(parseHistory(JSON.stringify(old))).toEqual({ ...NO_HISTORY, ...old });
  });

  it('gives back what was written', () => {
    const late = { afterMs: 2700, byMs: 3200, score: 1 };
    const history = { ...logins(5, 5000), late, limitedAt: NOW, cutShortAt: NOW, failedAt: NOW };
    expect(parseHistory(JSON.stringify(history))).toEqual(history);
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
    '{"synsAt":[-1,"x",null],"room":-2,"limitedAt":"x","cutShortAt":[],"failedAt":{}}',
    '{"late":{"afterMs":5,"byMs":2,"score":1}}',
    '{"late":{"afterMs":1,"byMs":2,"score":"x"}}',
    '{"late":[]}',
  ])('is nothing where it holds %j', (text) => {
    expect(parseHistory(text)).toEqual(NO_HISTORY);
  });
});
