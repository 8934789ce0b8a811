import { expect, it } from 'vitest';
import { attemptsForEach, rotatingSequenceFor, sequenceFor } from '../../../src/login/candidate-order.ts';

it.each([
  [1, '000000'],
  [2, '0010101'],
  [3, '0010201020'],
  [4, '001020301020'],
  [6, '001012345012'],
])('of %i sequences the attempts send %s', (count, order) => {
  expect([...order].map((_, index) => sequenceFor(index + 1, count)).join('')).toBe(order);
});

it.each([2, 3, 4, 5, 12, 27])('of %i sequences each is sent within the attempts for each', (count) => {
  const attempts = Array.from({ length: attemptsForEach(count) }, (_, index) =>
    sequenceFor(index + 1, count),
  );
  expect(new Set(attempts).size).toBe(count);
  expect(new Set(attempts.slice(0, -1)).size).toBe(count - 1);
});

it('candidates of a rotating sequence are sent in turn', () => {
  const order = [1, 2, 3, 4, 5, 6, 7].map((number) => rotatingSequenceFor(number, 3)).join('');
  expect(order).toBe('0120120');
  expect(attemptsForEach(3, true)).toBe(3);
});
