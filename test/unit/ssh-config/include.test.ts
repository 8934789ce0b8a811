import { expect, test } from 'vitest';
import { glob } from '../../../src/ssh-config/glob.ts';
import { CONFIG, fakeSystem, find, load, SYSTEM } from './fake-system.ts';

const SSH = '/home/me/.ssh';

const tree = fakeSystem(
  Object.fromEntries(
    ['/d/a', '/d/b', '/d/B', '/d/.hid', '/d/c*', '/d/sub/x', '/d/sub/y', '/home/me/h', '/other/o', '/d/\xe9']
      .map((path): [string, string] => [path, ''])
      .concat([['/etc/passwd', 'other:x:7:7::/other:/bin/sh\n']]),
  ),
);

test.each([
  ['/d/a', ['/d/a']],
  ['/d/none', []],
  ['/d/*', ['/d/B', '/d/a', '/d/b', '/d/c*', '/d/sub', '/d/\xe9']],
  ['/d/?', ['/d/B', '/d/a', '/d/b', '/d/\xe9']],
  ['/d/[ab]', ['/d/a', '/d/b']],
  ['/d/[!a]', ['/d/B', '/d/b', '/d/\xe9']],
  ['/d/[a-z]', ['/d/a', '/d/b']],
  ['/d/[[:upper:]]', ['/d/B']],
  ['/d/[z-a]', []],
  ['/d/[', []],
  ['/d/.h*', ['/d/.hid']],
  ['/d/c\\*', ['/d/c*']],
  ['/d/{a,b}', []],
  ['/d/*/x', ['/d/sub/x']],
  ['/*/sub/?', ['/d/sub/x', '/d/sub/y']],
  ['~/h', ['/home/me/h']],
  ['~other/o', ['/other/o']],
  ['~nobody/o', []],
  ['relative', []],
])('glob %s', (pattern, paths) => {
  expect(glob(pattern, tree)).toEqual(paths);
});

test('a pattern with many stars takes no longer than name times pattern', () => {
  const name = `/d/${'a'.repeat(200)}`;
  const folder = fakeSystem({ [name]: '' });
  expect(glob(`/d/${'*a'.repeat(40)}b`, folder)).toEqual([]);
  expect(glob(`/d/${'*a'.repeat(40)}`, folder)).toEqual([name]);
});

test('~ is $HOME before the home folder of the password database', () => {
  expect(glob('~/a', { ...tree, env: () => '/d' })).toEqual(['/d/a']);
});

function found(files: Record<string, string>, path = CONFIG) {
  const settings = find(fakeSystem(files));
  const { file, words } = settings.get('door') ?? {};
  return file === undefined ? undefined : `${file === path ? '' : `${file}: `}${words?.join(' ')}`;
}

test.each([
  ['Include one', { one: 'KnockSequence 1' }, `${SSH}/one: 1`],
  ['Include one two', { two: 'KnockSequence 1' }, `${SSH}/two: 1`],
  ['Include "o e"', { 'o e': 'KnockSequence 1' }, `${SSH}/o e: 1`],
  ['Include [ab]', { b: 'KnockSequence 1', a: 'KnockSequence 2' }, `${SSH}/a: 2`],
  ['Include none\nKnockSequence 1', {}, '1'],
  // What the file's own Host lines say is over with the file.
  ['Include one\nKnockSequence 1', { one: 'Host bar' }, '1'],
  ['Host bar\nInclude one\nKnockSequence 1', { one: 'Host foo' }, undefined],
  // Inside a block that does not hold nothing holds.
  ['Host bar\nInclude one', { one: 'Host foo\nKnockSequence 1' }, undefined],
  ['Host bar\nInclude one', { one: 'KnockSequence 1' }, undefined],
  ['Host foo\nInclude one', { one: 'Host bar\nKnockSequence 1' }, undefined],
  ['Host foo\nInclude one\nKnockSequence 2', { one: 'Match all\nKnockSequence 1' }, `${SSH}/one: 1`],
  ['Host bar\nInclude one\nHost foo\nKnockSequence 2', { one: '' }, '2'],
  ['Include one', { one: 'Include two', two: 'KnockSequence 1' }, `${SSH}/two: 1`],
  // ssh looks for `final` in blocks that do not hold, too.
  ['HostName x\nHost bar\nInclude one\nHost x\nKnockSequence 1', { one: 'Match final' }, '1'],
])('%j', (config, files, expected) => {
  const paths = Object.entries(files).map(([name, text]) => [`${SSH}/${name}`, text]);
  expect(found({ [CONFIG]: config, ...Object.fromEntries(paths) })).toBe(expected);
});

test('the system file includes relative to /etc/ssh and not from ~', () => {
  const files = {
    [SYSTEM]: 'Include ~/x one',
    '/etc/ssh/one': 'KnockSequence 1',
    '/home/me/x': 'KnockSequence 2',
  };
  expect(found(files)).toBe('/etc/ssh/one: 1');
});

test('tokens and variables are expanded by ssh 9.9 and later', () => {
  const files = { [CONFIG]: `Include %n-\${X}`, [`${SSH}/foo-y`]: 'KnockSequence 1' };
  const env = (name: string) => (name === 'X' ? 'y' : undefined);
  expect(find(fakeSystem(files, { env })).size).toBe(0);
  expect(find(fakeSystem(files, { env, sshVersion: () => 'OpenSSH_10.0p2' })).size).toBe(1);
});

test('16 levels are read, 17 are an error', () => {
  const files = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count + 1 }, (_, i) => [
        i === 0 ? CONFIG : `${SSH}/${i}`,
        i < count ? `Include ${i + 1}` : 'KnockSequence 1',
      ]),
    );
  expect(found(files(16))).toBe(`${SSH}/16: 1`);
  expect(() => found(files(17))).toThrow(`${SSH}/16 line 1: too many recursive Includes (16)`);
  expect(() => found({ [CONFIG]: 'Include config' })).toThrow('too many recursive Includes');
});

test('an unknown Knock keyword counts in a file that is read for nothing', () => {
  const files = { [CONFIG]: 'Host bar\nInclude one', [`${SSH}/one`]: '\nKnocks 1' };
  expect(() => found(files)).toThrow(`${SSH}/one line 2: unknown keyword Knocks`);
});

test('the files read are told once each, with what they hold', () => {
  const system = fakeSystem({ [CONFIG]: 'Include one one', [`${SSH}/one`]: 'Host x\nKnockDelay 1' });
  expect(load(system).filesRead).toEqual([
    { path: CONFIG, kind: 'user', mode: 0o644, uid: 1000, changedAt: 0, keywords: new Set() },
    {
      path: `${SSH}/one`,
      kind: 'user',
      mode: 0o644,
      uid: 1000,
      changedAt: 0,
      keywords: new Set(['knockdelay']),
    },
  ]);
});
