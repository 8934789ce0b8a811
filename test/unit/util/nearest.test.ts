import { expect, it } from 'vitest';
import { nearest } from '../../../src/util/nearest.ts';

const COMMANDS = ['knock', 'add', 'import', 'list', 'check', 'remove', 'open', 'close'];

it.each([
  ['chek', 'check'],
  ['cehck', 'check'],
  ['Check', 'check'],
  ['lst', 'list'],
  ['improt', 'import'],
  ['removed', 'remove'],
  ['opne', 'open'],
])('%s is %s', (typed, meant) => {
  expect(nearest(typed, COMMANDS)).toBe(meant);
});

it.each(['web', 'server.example', 'addresses', '', '22'])('%j is none of the commands', (typed) => {
  expect(nearest(typed, COMMANDS)).toBeUndefined();
});
