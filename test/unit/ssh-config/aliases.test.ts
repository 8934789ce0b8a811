import { expect, test } from 'vitest';
import { findAliases, hasWildcardDoor } from '../../../src/ssh-config/evaluate.ts';
import { CONFIG, fakeSystem, KNOCK, load } from './fake-system.ts';

function aliases(config: string, target: { host?: string; port?: number } = {}, knock = '') {
  const system = fakeSystem({
    [CONFIG]: config,
    [KNOCK]: knock,
    '/home/me/.ssh/inc': 'Host i\nHostName x\n',
  });
  const groups = findAliases(load(system), { host: 'x', port: 22, ...target });
  expect(system.ran).toEqual([]);
  return groups.map(({ aliases, evaluation: { settings } }) =>
    [aliases.join(','), settings.get('door')?.words.join(' ')].filter(Boolean).join(': '),
  );
}

test.each([
  ['Host a\nHostName x\nKnockSequence 1', ['a: 1']],
  ['Host a\nHostName X', ['a']],
  ['Host a\nHostName y', []],
  ['Host x', ['x']],
  ['Host X', ['X']],
  ['Host a b\nHostName x', ['a,b']],
  ['Host a\nHostName x\nHost a\nKnockSequence 1', ['a: 1']],
  ['Host a\nHostName x\nKnockSequence 1\nHost b\nHostName x\nKnockSequence 1', ['a,b: 1']],
  ['Host a\nHostName x\nKnockSequence 1\nHost b\nHostName x\nKnockSequence 2', ['a: 1', 'b: 2']],
  ['Host a b\nHost *\nHostName x', ['a,b']],
  ['Host a*\nHostName x', []],
  ['Host a !b\nHostName x', ['a']],
  ['Host a\nHost b\nHost !a *\nHostName x', ['b']],
  ['Host a !a\nHostName x', []],
  ['Host "a"\nHostName "x"', ['a']],
  ['Host a\nHostName y\nHostName x', []],
  ['Match originalhost a\nHostName x', []],
  ['Host a\nMatch originalhost a\nHostName x', ['a']],
  ['Host a\nMatch exec true\nHostName x', []],
  ['Host a\nMatch !exec true\nHostName x', ['a']],
  ['Host a\nHostName x\nMatch host x\nKnockSequence 1', ['a: 1']],
  ['Host a\nHostName x\nMatch final host x\nKnockSequence 1', ['a: 1']],
  ['Host a\nHostName x\nMatch final\nHost x\nKnockSequence 1', ['a,x: 1']],
  ['Include inc', ['i']],
  ['Host j\nInclude inc', []],
  ['Host i j\nInclude inc\nKnockSequence 1', ['i: 1']],
  ['Host a\nInclude none\nHostName x\nHost *\nKnockSequence 1', ['a: 1']],
  ['', []],
])('%j leads to x from %j', (config, expected) => {
  expect(aliases(config).sort()).toEqual(expected.sort());
});

test.each([
  ['Host a\nHostName x', 2222, []],
  ['Host a\nHostName x\nPort 2222', 2222, ['a']],
  ['Host a\nHostName x\nPort 2222', 22, []],
  ['Host a\nHostName x\nHost *\nPort 22', 22, ['a']],
])('%j with port %i: %j', (config, port, expected) => {
  expect(aliases(config, { port })).toEqual(expected);
});

test('tokens in HostName', () => {
  expect(aliases('Host a b\nHostName %h.x', { host: 'a.x' })).toEqual(['a']);
});

test('names that stand in knock_config only', () => {
  expect(aliases('Host a\nHostName x', {}, 'Host a\nKnockSequence 1')).toEqual(['a: 1']);
  expect(aliases('Host *\nHostName x', {}, 'Host a b\nKnockSequence 1')).toEqual(['a,b: 1']);
  expect(aliases('', {}, 'Host x\nKnockSequence 1')).toEqual(['x: 1']);
  expect(aliases('Host a\nHostName x', {}, 'Match host x\nKnockSequence 1')).toEqual(['a: 1']);
});

test.each([
  ['Host foo\nKnockSequence 1', false],
  ['KnockSequence 1', false],
  ['Host f*\nKnockSequence 1', true],
  ['Host foo !f*\nKnockSequence 1', false],
  ['Match user bob\nKnockSequence 1', true],
  ['Match user bob\nKnockDelay 1', false],
  ['Host f*\nInclude none\nKnockSequence 1', true],
])('%j has a door for a pattern: %s', (config, expected) => {
  expect(hasWildcardDoor(load(fakeSystem({ [CONFIG]: config })), 'door')).toBe(expected);
});

test('10,000 hosts take time in proportion, whether they lead to one place or to many', () => {
  const config = (hostName: (i: number) => string) =>
    Array.from(
      { length: 10_000 },
      (_, i) => `Host h${i}\nHostName ${hostName(i)}\nKnockSequence ${i}\n`,
    ).join('');
  for (const hostName of [() => 'x', (i: number) => `10.0.${i >> 8}.${i & 255}`]) {
    const loaded = load(fakeSystem({ [CONFIG]: config(hostName) }));
    const start = process.cpuUsage();
    const groups = findAliases(loaded, { host: hostName(7), port: 22 });
    expect(groups.map(({ aliases }) => aliases[0])).toContain('h7');
    // Of the processor, which a busy machine does not change much; quadratic time would be half a minute.
    expect(process.cpuUsage(start).user).toBeLessThan(4_000_000);
  }
});
