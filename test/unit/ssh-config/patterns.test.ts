import { expect, test } from 'vitest';
import { matchHostname, matchPattern, matchPatternList } from '../../../src/ssh-config/patterns.ts';
import { door } from './fake-system.ts';

test.each([
  ['', '', true],
  ['', '*', true],
  ['', '?', false],
  ['a', '', false],
  ['abc', 'abc', true],
  ['abc', 'ABC', false],
  ['abc', 'a?c', true],
  ['ac', 'a?c', false],
  ['abc', '*', true],
  ['abc', '**c', true],
  ['abc', '*b', false],
  ['abcbd', '*b?', true],
  ['aXbXc', 'a*X*c', true],
  ['ab', 'a*?*b', false],
  ['a*c', 'a*c', true],
  ['b\xc3\xa4r', 'b?r', false],
  ['b\xc3\xa4r', 'b??r', true],
])('%j against the pattern %j: %s', (name, pattern, expected) => {
  expect(matchPattern(name, pattern)).toBe(expected);
});

test('many stars do not take forever', () => {
  expect(matchPattern('a'.repeat(200), `${'*a'.repeat(100)}*b`)).toBe(false);
});

test.each([
  ['foo', 'foo', true],
  ['foo', 'bar,foo', true],
  ['foo', 'foo,!foo', false],
  ['foo', '!bar', false],
  ['foo', '!bar,*', true],
  ['foo', '', false],
  ['', ',', true],
  ['', 'a,', false],
  ['foo', 'f*,', true],
  ['foo', `${'*'.repeat(1023)}`, false],
  ['foo', `${'*'.repeat(1022)}`, true],
])('%j against the list %j: %s', (name, list, expected) => {
  expect(matchPatternList(name, list)).toBe(expected);
});

test('host names compare without regard to case', () => {
  expect(matchHostname('FOO.Example', '*.EXAMPLE')).toBe(true);
});

test.each([
  ['foo', 'foo', true],
  ['foo', 'Foo', false],
  ['foo', 'bar foo', true],
  ['foo', 'f* !foo', false],
  ['foo', '!foo f*', false],
  ['foo', '!bar', false],
  ['foo', '!bar *', true],
  ['foo', 'a,foo', false],
  ['a,foo', 'a,foo', true],
  ['foo', '"foo"', true],
  ['foo', `bar 'f*'`, true],
  ['foo', 'bar # foo', false],
  ['foo', 'foo\t\r', true],
  ['foobar', 'foo', false],
  ['fo', 'foo', false],
  ['bär', 'b??r', true],
  ['bär', 'b?r', false],
  ['bär', 'b\xc3\xa4r', true],
])('ssh %s under "Host %s": %s', (alias, patterns, expected) => {
  expect(door(`Host ${patterns}\nKnockSequence 1\n`, { alias }) !== undefined).toBe(expected);
});
