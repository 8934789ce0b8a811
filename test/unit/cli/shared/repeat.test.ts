import { expect, it } from 'vitest';
import { readInterval } from '../../../../src/cli/shared/repeat.ts';

it.each([
  ['10', 10_000],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1w', 604_800_000],
])('--every %s', (text, ms) => expect(readInterval(text)).toBe(ms));

it.each(['', '9', '9s', '8d', '5x', 'm', '-5m', '5 m', '1.5h', '99999999999w'])("refuses '%s'", (text) => {
  expect(() => readInterval(text)).toThrow(/is not a time from 10s to 1w/);
});
