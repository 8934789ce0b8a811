import { expect, test } from 'vitest';
import { delimited, splitArguments } from '../../../src/ssh-config/tokens.ts';

test.each([
  ['', []],
  ['a b\tc', ['a', 'b', 'c']],
  ['  a  ', ['a']],
  ['"a b" c', ['a b', 'c']],
  [`'a "b' c`, ['a "b', 'c']],
  ['a"b c"d', ['ab cd']],
  ['a\\ b', ['a b']],
  ['"a\\ b"', ['a\\ b']],
  ['a\\"b', ['a"b']],
  [`"a\\'b"`, [`a'b`]],
  ['a\\\\b', ['a\\b']],
  ['a\\b', ['a\\b']],
  ['a\\', ['a\\']],
  ['"" a', ['', 'a']],
  ['a # b', ['a']],
  ['a#b', ['a#b']],
  ['"#a" b', ['#a', 'b']],
  ['#', []],
  ['a\rb', ['a\rb']],
  ['a # "', ['a']],
  ['"a', undefined],
  [`a 'b" c`, undefined],
])('splits %j as argv_split does', (text, words) => {
  expect(splitArguments(text)).toEqual(words);
});

test.each([
  ['Host foo', 0, 'Host', 5],
  ['Host=foo', 0, 'Host', 5],
  ['Host = foo', 0, 'Host', 7],
  ['Host == foo', 0, 'Host', 6],
  ['Host= =foo', 0, 'Host', 6],
  [' Host', 0, '', 1],
  ['"Host" foo', 0, 'Host', 7],
  ['Ho"st" foo', 0, 'Host', 7],
  ['foo', 0, 'foo', -1],
  ['', 0, '', -1],
])('takes the first token of %j as strdelim does', (text, from, token, next) => {
  expect(delimited(text, from)).toEqual({ token, next });
});

test('strdelim finds nothing at the end and behind an odd quote', () => {
  expect(delimited('a', -1)).toBeUndefined();
  expect(delimited('"a', 0)).toBeUndefined();
});
