import { expect, it } from 'vitest';
import { resetKnocks } from '../../../src/plan/reset-knocks.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';
import { planAttemptVia, planOnceVia } from '../../../src/via/via-plan.ts';

const STEPS = parseSequence('7000,8000,9000');

it('sends the plain sequence first, without pauses', () => {
  expect(planAttemptVia(STEPS, 0)).toEqual({ steps: STEPS, delayMs: 0, tookMs: 0 });
});

it('sends reset knocks before it from the second round on, and pauses longer in each', () => {
  const rounds = [1, 2, 3, 4, 5, 6].map((round) => planAttemptVia(STEPS, round));
  expect(rounds[0]!.steps).toEqual([...resetKnocks(STEPS)[0]!, ...STEPS]);
  expect(rounds[1]!.steps).toEqual([...resetKnocks(STEPS)[1]!, ...STEPS]);
  expect(rounds.map(({ delayMs }) => delayMs)).toEqual([50, 150, 300, 500, 500, 500]);
});

it('keeps to KnockDelay, in whole milliseconds', () => {
  for (const round of [0, 3]) expect(planAttemptVia(STEPS, round, 20.4).delayMs).toBe(20);
  expect(planOnceVia(STEPS, 20).tookMs).toBe(60);
});
