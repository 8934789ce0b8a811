import { expect, it } from 'vitest';
import { KnockBudget } from '../../../src/login/knock-budget.ts';
import { resetKnocks } from '../../../src/plan/reset-knocks.ts';
import type { Step } from '../../../src/plan/sequence.ts';

it('ends before more than 500 knocks', () => {
  const budget = new KnockBudget();
  for (; budget.hasRoomFor(62); budget.knocks += 62);
  expect(budget.knocks).toBe(496);
});

it('keeps knocks for closing, and gives out no more than 500 with them', () => {
  const budget = new KnockBudget(60);
  for (; budget.hasRoomFor(10); budget.knocks += 10);
  expect(budget.knocks).toBe(440);
  expect(budget.takeMore(1, 20)).toBe(1);
  expect(budget.takeMore(7, 20)).toBe(2);
  expect(budget.takeMore(1, 20)).toBe(0);
  expect(budget.knocks).toBe(500);
});

it.each(['abcdefghij', 'abbbbc', 'aab', 'aaaa', 'ab', 'a', 'abababab'])(
  'can count on a preamble of %s being at most one knock longer',
  (ports) => {
    const steps = [...ports].map((letter): Step => ({ port: letter.charCodeAt(0), protocol: 'tcp' }));
    for (const preamble of resetKnocks(steps)) expect(preamble.length).toBeLessThanOrEqual(steps.length + 1);
  },
);
