import { expect, it } from 'vitest';
import { AttemptBudget, ONE_TRY } from '../../../src/login/attempt-limits.ts';
import { resetKnocks } from '../../../src/plan/reset-knocks.ts';
import type { Step } from '../../../src/plan/sequence.ts';

it('ends after 30 tries, before more than 500 knocks, and after 100 connects', () => {
  const tries = new AttemptBudget();
  for (; tries.spent(10) === undefined; tries.tries++);
  expect([tries.tries, tries.spent(10)]).toEqual([30, '30 tries']);

  const knocks = new AttemptBudget();
  for (; knocks.spent(62) === undefined; knocks.knocks += 62);
  expect([knocks.knocks, knocks.spent(62)]).toEqual([496, '500 knocks']);

  const connects = new AttemptBudget();
  for (; connects.hasConnects; connects.connects++);
  expect([connects.connects, connects.spent(1)]).toEqual([100, '100 connects']);
});

it('keeps knocks for closing, and gives out no more than 500 with them', () => {
  const budget = new AttemptBudget(undefined, 60);
  for (; budget.spent(10) === undefined; budget.knocks += 10);
  expect(budget.knocks).toBe(440);
  expect(budget.takeMore(1, 20)).toBe(1);
  expect(budget.takeMore(7, 20)).toBe(2);
  expect(budget.takeMore(1, 20)).toBe(0);
  expect(budget.knocks).toBe(500);
});

it('ends sooner where the sequence is probably outdated', () => {
  const budget = new AttemptBudget(1);
  expect(budget.spent(10)).toBeUndefined();
  budget.tries++;
  expect(budget.spent(10)).toBe(ONE_TRY);
});

it.each(['abcdefghij', 'abbbbc', 'aab', 'aaaa', 'ab', 'a', 'abababab'])(
  'can count on a preamble of %s being at most one knock longer',
  (ports) => {
    const steps = [...ports].map((letter): Step => ({ port: letter.charCodeAt(0), protocol: 'tcp' }));
    for (const preamble of resetKnocks(steps)) expect(preamble.length).toBeLessThanOrEqual(steps.length + 1);
  },
);
