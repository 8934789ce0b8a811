import { expect, it } from 'vitest';
import { sequenceFor, triesForEach } from '../../../src/login/address-attempts.ts';

it.each([
  [1, '000000'],
  [2, '0010101'],
  [3, '0010201020'],
  [4, '001020301020'],
  [6, '001012345012'],
])('of %i sequences the tries send %s', (count, order) => {
  expect([...order].map((_, index) => sequenceFor(index + 1, count)).join('')).toBe(order);
});

it.each([2, 3, 4, 5, 12, 27])('of %i sequences each is sent within the tries for each', (count) => {
  const tries = Array.from({ length: triesForEach(count) }, (_, index) => sequenceFor(index + 1, count));
  expect(new Set(tries).size).toBe(count);
  expect(new Set(tries.slice(0, -1)).size).toBe(count - 1);
});
