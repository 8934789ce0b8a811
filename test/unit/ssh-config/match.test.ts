import { expect, test } from 'vitest';
import { NEVER, parseMatch } from '../../../src/ssh-config/match-line.ts';
import { CONFIG, door, fakeSystem, find } from './fake-system.ts';

const older = fakeSystem({}, { sshVersion: () => 'OpenSSH_9.8p1' });
const newer = fakeSystem({}, { sshVersion: () => 'OpenSSH_9.9p2, OpenSSL' });

test.each([
  ['all', 'all'],
  ['ALL # x', 'all'],
  ['host a', 'host a'],
  ['host=a', 'host a'],
  ['!host "a b" user c', '!host a b; user c'],
  ['final all', 'final; all'],
  ['host a # user b', 'host a'],
  ['host a #user', 'host a'],
  ['exec "test x"', 'exec test x'],
  // Where the two ways of splitting differ, one that ssh would refuse is not the one it used.
  ['host = a', 'host a'],
  [`exec 'test x'`, 'exec test x'],
  ['exec "a \\"b\\""', 'exec a "b"'],
  ['', 'never'],
  ['all host a', 'never'],
  ['host a final all', 'never'],
  ['host', 'never'],
  ['host "" user b', 'never'],
  ['nonsense a', 'never'],
  ['"host a', 'never'],
  ['# host a', 'never'],
])('Match %s', (line, expected) => {
  for (const system of [older, newer]) {
    const criteria = parseMatch(line, system).map(
      ({ name, negated, argument }) => `${negated ? '!' : ''}${name}${argument && ` ${argument}`}`,
    );
    expect(criteria.join('; ')).toBe(expected);
  }
});

test.each([
  [`host 'a'`, `'a'`, 'a'],
  ['host a\\\\b', 'a\\\\b', 'a\\b'],
  ['host a"b"', 'ab', 'ab'],
])('Match %s is split by the version of ssh', (line, before, after) => {
  expect(parseMatch(line, older)).toMatchObject([{ argument: before }]);
  expect(parseMatch(line, newer)).toMatchObject([{ argument: after }]);
  expect(parseMatch(line, fakeSystem({}, { sshVersion: () => '' }))).toMatchObject([{ argument: after }]);
});

test('an empty tag is a criterion', () => {
  expect(parseMatch('tagged ""', newer)).not.toBe(NEVER);
  expect(parseMatch('user ""', newer)).toBe(NEVER);
});

test.each([
  ['all', true],
  ['!all', false],
  ['host foo', true],
  ['host FOO,bar', true],
  ['host !foo', false],
  ['host !foo,*', false],
  ['!host bar', true],
  ['!host foo', false],
  ['host foo host bar', false],
  ['originalhost F?o', true],
  ['user me', true],
  ['user Me', false],
  ['localuser me', true],
  ['localuser root', false],
  ['tagged x', false],
  ['tagged ""', true],
  ['localnetwork 192.0.2.0/24,10.0.0.0/8', true],
  ['!localnetwork 10.0.0.0/8', true],
  ['version OpenSSH_*', true],
  // What only ssh knows does not hold, whichever way it is asked.
  ['command x', false],
  ['!command x', false],
  ['sessiontype shell', false],
  ['!sessiontype shell', false],
])('Match %s: %s', (line, expected) => {
  expect(door(`Match ${line}\nKnockSequence 1`) !== undefined).toBe(expected);
});

test.each([
  ['HostName bar\nMatch host bar', {}, true],
  ['HostName bar\nMatch host foo', {}, false],
  ['HostName %h.x%%\nMatch host foo.x%', {}, true],
  ['HostName bar\nMatch originalhost foo', {}, true],
  ['Host bar\nHostName bar\nMatch host bar', {}, false],
  ['User bob\nMatch user bob', {}, true],
  ['User bob\nMatch user me', {}, false],
  ['User bob\nMatch user eve', { user: 'eve' }, true],
  ['Match user bob', { user: 'bob' }, true],
  ['Tag x\nMatch tagged x', {}, true],
  // The second pass tests the settled name.
  ['HostName Bar\nMatch final host bar', {}, true],
  ['Match final', {}, true],
  ['Match !final', {}, true],
  ['Match canonical', {}, false],
  ['CanonicalizeHostname yes\nMatch canonical', {}, true],
  ['CanonicalizeHostname no\nMatch canonical', {}, false],
  ['HostName bar\nHost bar', {}, false],
  ['HostName bar\nHost nothing\nMatch final\nHost bar', {}, true],
  ['HostName bar\nMatch final\nHost foo', {}, true],
  ['Match final\nHost given', { host: 'given' }, true],
  ['CanonicalizeHostname always\nHost x.example', { host: 'x.example' }, true],
])('%j for %j: %s', (lines, query, expected) => {
  expect(door(`${lines}\nKnockSequence 1`, query) !== undefined).toBe(expected);
});

test('what the first pass found stays when the second finds more', () => {
  const config =
    'HostName bar\nMatch final\nKnockDelay 1\nHost foo\nKnockSequence 1\nHost bar\nKnockSequence 2';
  const settings = find(fakeSystem({ [CONFIG]: config }));
  expect([...settings].map(([slot, { words }]) => `${slot} ${words[0]}`)).toEqual(['door 1', 'delay 1']);
});
