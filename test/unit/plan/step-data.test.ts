import { expect, it } from 'vitest';
import { bytesOf, echoSize } from '../../../src/plan/step-data.ts';

it.each([
  ['size=0', ''],
  ['SIZE=3', '000000'],
  ['hex=00fF', '00ff'],
  ['HEX=ab', 'ab'],
  ['text=knock', '6b6e6f636b'],
  ['text=a=b:c', '613d623a63'],
  ['text=a%20b%2C%ff', '6120622cff'],
  ['text=%25%32%30', '253230'],
  ['text=\u00e4', 'c3a4'],
])('%s is %s', (data, hex) => {
  expect(bytesOf(data).toString('hex')).toBe(hex);
});

it.each([
  [undefined, 56],
  ['size=0', 0],
  ['size=1400', 1400],
])('an icmp step of %s has %i data bytes', (data, size) => {
  expect(echoSize(data)).toBe(size);
});
