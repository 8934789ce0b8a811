import { describe, expect, it } from 'vitest';
import { ceilingMs, leastLimitMs, resultsOf } from '../../../src/plan/knocking.ts';
import { planOnce } from '../../../src/plan/plan-once.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';
import { logins, NOW, plan, sequence, silentLogin, TEN } from './schedule.ts';

describe('the first attempt', () => {
  it('sends the sequence in order, back to back, and nothing else', () => {
    const { knocks, delayMs } = plan();
    expect(knocks.map(({ step }) => step)).toEqual(parseSequence(TEN));
    expect(knocks.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(delayMs).toBe(0);
  });

  it('takes KnockDelay exactly', () => {
    const { knocks } = plan({ sequence: sequence('7000,8000,9000', { delayMs: 37 }) });
    expect(knocks.map(({ atMs }) => atMs)).toEqual([0, 37, 74]);
  });
});

describe('a further attempt', () => {
  it('takes KnockDelay as the floor', () => {
    const { attempts } = silentLogin({ sequence: sequence(TEN, { delayMs: 5 }) });
    for (const { delayMs } of attempts) expect(delayMs).toBeGreaterThanOrEqual(5);
  });

  it('begins up to 2.5 % later, so that two machines behind one address part', () => {
    const [first, second] = [0, 0.999].map((value) => silentLogin({ random: () => value }).startsMs);
    expect(second!.at(8)! / first!.at(8)!).toBeGreaterThan(1.01);
  });

  it('waits three times as long at a door that a second sequence closes', () => {
    const closable = plan({ sequence: sequence(TEN, { closable: true }) });
    expect(closable.waitMs).toBeGreaterThanOrEqual(3 * plan().waitMs);
  });

  it('counts with those at other addresses', () => {
    const { attempts } = silentLogin();
    expect(silentLogin({ others: attempts.slice(0, 10) }).attempts.length).toBeLessThanOrEqual(6);
    expect(silentLogin({ otherSyns: 13 }).syns).toBeLessThanOrEqual(3);
  });
});

describe('KnockSequenceTimeout', () => {
  it.each([
    ['7000,8000,9000', 5000, 2000],
    ['7000,8000,9000', 2000, 500],
    ['7000,8000', 1000, 500],
    ['7000', 1000, Number.POSITIVE_INFINITY],
  ])('%s within %i ms leaves at most %i ms between knocks', (text, sequenceTimeoutMs, most) => {
    expect(ceilingMs(sequence(text, { sequenceTimeoutMs }))).toBe(most);
  });

  it('holds against a KnockDelay that does not fit', () => {
    const tight = sequence(TEN, { sequenceTimeoutMs: 2000, delayMs: 500 });
    const { knocks } = plan({ sequence: tight });
    expect(knocks.at(-1)!.atMs - knocks[0]!.atMs).toBeLessThanOrEqual(1000);
  });
});

it.each([
  ['7000,8000,9000,9001', 3000, 9075],
  ['7000,8000', 0, 75],
])('%s with KnockDelay %i needs %i ms', (text, delayMs, least) => {
  expect(leastLimitMs(sequence(text, { delayMs }))).toBe(least);
});

it('sends a sequence once behind the rest of one that was cut short', () => {
  const three = sequence('7000,8000,9000');
  const history = { ...logins(1, 5000), openedAt: NOW, cutShortAt: NOW };
  expect(planOnce(three, Math.random, history)).toHaveLength(5);
  expect(planOnce(three, Math.random)).toHaveLength(3);
});

describe('what a login tells of its attempts', () => {
  it('does not blame one that sent no SYN', () => {
    const { attempts } = silentLogin();
    expect(resultsOf(attempts)).toHaveLength(attempts.length - 1);
  });

  it('ends with the one that was answered', () => {
    const results = resultsOf(silentLogin().attempts, 2);
    expect(results.filter(({ opened }) => opened)).toHaveLength(1);
    expect(results.length).toBeLessThanOrEqual(3);
  });
});
