import { describe, expect, it } from 'vitest';
import { type AttemptContext, ceilingMs, planAttempt } from '../../../src/plan/attempt.ts';
import { type History, learn, NO_HISTORY } from '../../../src/plan/history.ts';
import { parseSequence, type Sequence } from '../../../src/plan/sequence.ts';

const TEN = '41373,17895,41647,18101:udp,52948,56049,36593:udp,42343,28832:udp,36191:udp';
const sequence = (text = TEN, more: Partial<Sequence> = {}): Sequence => ({
  steps: parseSequence(text),
  ...more,
});
const plan = (situation: Partial<AttemptContext> = {}) =>
  planAttempt({
    sequence: sequence(),
    memory: NO_HISTORY,
    failed: [],
    number: 1,
    random: () => 0.5,
    ...situation,
  });
const ports = (situation: Partial<AttemptContext>) => plan(situation).knocks.map(({ step }) => step.port);

/** A door that opens like knockd, 8 to 70 ms after the last knock, over a line with this round trip. */
function learned(rttMs: number): History {
  return Array.from({ length: 16 }, (_, i) => 8 + i * 4).reduce(
    (memory, ms) =>
      learn(memory, {
        tries: [{ delayMs: 0, opened: true }],
        opened: { interval: [ms, ms + 4], rttMs, atMs: 1, by: 1 },
      }),
    NO_HISTORY,
  );
}

describe('the first try', () => {
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

  it('connects soon, often, and not before the last knock is out', () => {
    const { connectsMs: probesMs, waitMs } = plan();
    expect(probesMs[0]).toBeGreaterThan(0);
    expect(probesMs.filter((ms) => ms < 75).length).toBeGreaterThan(15);
    expect(probesMs).toEqual([...probesMs].sort((a, b) => a - b));
    expect(probesMs.at(-1)).toBeLessThan(waitMs);
  });
});

describe('a further try', () => {
  it('is preceded by a middle port sent twice', () => {
    expect(ports({ sequence: sequence('7000,8000,9000'), number: 2 })).toEqual([
      8000, 8000, 7000, 8000, 9000,
    ]);
  });

  it('is plain or prefixed by turns where the sequence has two steps', () => {
    const two = sequence('7000,8000');
    expect(ports({ sequence: two, number: 2 })).toEqual([7000, 8000]);
    expect(ports({ sequence: two, number: 3 })).toEqual([7000, 7000, 8000]);
  });

  it('takes KnockDelay as the floor', () => {
    const failed = [{ delayMs: 5, opened: false }];
    const { delayMs } = plan({ sequence: sequence(TEN, { delayMs: 5 }), failed, number: 2 });
    expect(delayMs).toBeGreaterThanOrEqual(5);
  });

  it('begins 30 % sooner or later, so that two machines behind one address part', () => {
    const middle = plan({ number: 2 }).waitMs;
    expect(plan({ number: 2, random: () => 0 }).waitMs).toBeCloseTo(middle * 0.7);
    expect(plan({ number: 2, random: () => 1 }).waitMs).toBeCloseTo(middle * 1.3);
  });

  it('waits longer at a door that a second sequence closes', () => {
    const closable = sequence(TEN, { closable: true });
    expect(plan({ sequence: closable }).waitMs).toBeCloseTo(3 * plan().waitMs);
  });

  it.each([
    ['unknown', NO_HISTORY, false],
    ['near', learned(1), false],
    ['near, with a close sequence', learned(1), true],
    ['far', learned(100), false],
    ['far, with a close sequence', learned(300), true],
  ])('leaves room for 30 tries within the budget of 100 connects: %s', (_name, memory, closable) => {
    let connects = 0;
    const door = sequence(TEN, { closable });
    for (let number = 1; number <= 30; number++) {
      connects += plan({ number, memory, sequence: door }).connectsMs.length;
    }
    expect(connects).toBeLessThanOrEqual(100);
  });
});

describe('the one try of a login after three that failed', () => {
  const THREE = sequence('7000,8000,9000');
  const afterFailed = (failedLogins: number) =>
    ports({ sequence: THREE, memory: { ...NO_HISTORY, failedLogins } });

  it.each([
    [0, '7000,8000,9000'],
    [3, '7000,8000,9000'],
    [4, '8000,8000,7000,8000,9000'],
    [5, '8000,8000,7000,8000,9000'],
    [6, '7000,8000,9000'],
    [7, '7000,8000,8000,7000,8000,9000'],
    [8, '7000,7000,8000,9000'],
    [9, '8000,8000,7000,8000,9000'],
  ])('after %i failed logins sends %s', (failedLogins, sent) => {
    expect(afterFailed(failedLogins).join()).toBe(sent);
  });
});

describe('a learned door', () => {
  it.each([20, 100, 300])('needs at most 3 connects at %i ms round trip', (rttMs) => {
    const { connectsMs: probesMs } = plan({ memory: learned(rttMs) });
    const open = 45;
    const answeredMs = probesMs.find((ms) => ms >= open)! + rttMs;
    expect(probesMs.filter((ms) => ms < answeredMs).length).toBeLessThanOrEqual(3);
  });

  it.each([1, 20, 100, 300])('is connected to at most 25 ms after it opens at %i ms round trip', (rttMs) => {
    const { connectsMs: probesMs } = plan({ memory: learned(rttMs) });
    const late = Array.from({ length: 62 }, (_, i) => 8 + i).map(
      (open) => probesMs.find((ms) => ms >= open)! - open,
    );
    const mean = late.reduce((sum, ms) => sum + ms, 0) / late.length;
    expect(mean).toBeLessThanOrEqual(25);
  });

  it('is not knocked on again before its answer can have come', () => {
    const rttMs = 300;
    expect(plan({ memory: learned(rttMs), random: () => 0 }).waitMs).toBeGreaterThan(0.7 * (70 + rttMs));
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
