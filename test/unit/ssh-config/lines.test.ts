import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/ssh-config/evaluate.ts';
import { CONFIG, door, fakeSystem, find, KNOCK, SYSTEM } from './fake-system.ts';

test.each([
  ['KnockSequence 1', '1'],
  ['knocksequence 1', '1'],
  ['KNOCKSEQUENCE=1', '1'],
  ['KnockSequence = 1', '1'],
  ['KnockSequence == 1', '=|1'],
  ['\t KnockSequence\t1 2', '1|2'],
  ['KnockSequence "1 2"', '1 2'],
  ['"KnockSequence" 1', '1'],
  ['Knock"Sequence" 1', '1'],
  ['= KnockSequence 1', '1'],
  ['\rKnockSequence 1', '1'],
  ['KnockSequence 1 # 2', '1'],
  ['KnockSequence 1#2', '1#2'],
  ['KnockSequence 1 \f\r\t', '1'],
  ['KnockSequence 1\0 2', '1'],
  ['# KnockSequence 1', undefined],
  ['  #KnockSequence 1', undefined],
  ['"KnockSequence 1', undefined],
  ['"# KnockSequence" 1', undefined],
  ['KnockSequence 1\nKnockSequence 2', '1'],
  ['KnockHelper a\nKnockSequence 2', 'a'],
  ['Host bar\nKnockSequence 1\nHost foo\nKnockSequence 2', '2'],
  [`ProxyCommand sh -c 'echo "hi'\nLocalCommand x \\\nFoo "\nKnockSequence 1`, '1'],
  [`${'#'.repeat(100_000)}\nKnockSequence ${'1'.repeat(50_000)}`, '1'.repeat(50_000)],
  ['KnockSequence b\xc3\xa4r', 'bär'],
  ['', undefined],
])('%j', (config, expected) => {
  expect(door(config)).toBe(expected);
});

test('a setting says where it stands and keeps the rest of its line', () => {
  const settings = find(fakeSystem({ [CONFIG]: `\n#\nKnockSequence  = = a 'b  c' # d \t\r\n` }));
  expect(settings.get('door')).toEqual({
    keyword: 'knocksequence',
    words: ['=', 'a', 'b  c'],
    raw: `a 'b  c' # d`,
    file: CONFIG,
    line: 3,
  });
});

test.each([
  ['KnockSequence', 'KnockSequence has no value'],
  ['KnockSequence   # 7000', 'has no value'],
  ['KnockSequence "7000', 'a quote is not closed'],
  [`Host foo\nKnockSequence 70'00`, 'a quote is not closed'],
])('%j is an error that does not show the value', (config, message) => {
  const lines = config.split('\n').length;
  expect(() => door(config)).toThrow(expect.objectContaining({ exitCode: 2 }));
  expect(() => door(config)).toThrow(new RegExp(`^${CONFIG} line ${lines}: .*${message}$`, 'i'));
  expect(() => door(config)).not.toThrow(/7000/);
});

test('the value of a line for another host is not looked at', () => {
  expect(door('Host bar\nKnockSequence "\nHost foo\nKnockSequence 1')).toBe('1');
});

test.each([
  ['KnockSequnce 7000', 'unknown keyword KnockSequnce'],
  ['Host bar\n"KNOCKer" 7000', 'unknown keyword KNOCKer'],
  ['KnockSequence:7000,8000', 'unknown keyword KnockSequence...'],
  ['Knock7000 8000', 'unknown keyword Knock...'],
])('%j is an unknown keyword in any block', (config, message) => {
  const place = `${CONFIG} line ${config.split('\n').length}: `;
  expect(() => door(config)).toThrow(place + message);
});

test('a known keyword that is not wanted is no error', () => {
  expect(door('KnockTimeout 3\nKnockSequence 1')).toBe('1');
});

test('the first value wins: knock_config, then the user file, then the system file', () => {
  const files = {
    [KNOCK]: 'KnockSequence 1',
    [CONFIG]: 'KnockSequence 2\nKnockDelay 2',
    [SYSTEM]: 'KnockDelay 3',
  };
  const system = fakeSystem(files);
  expect([...find(system)].map(([slot, { words }]) => [slot, words[0]])).toEqual([
    ['door', '1'],
    ['delay', '2'],
  ]);
  expect(find(fakeSystem({ [SYSTEM]: 'KnockDelay 3' })).get('delay')?.file).toBe(SYSTEM);
});

test.each([
  ['Host foo\nKnockSequence 1', '1'],
  ['Host bar\nKnockSequence 1', undefined],
  ['Match host foo.example\nKnockSequence 1', '1'],
  ['Match host foo\nKnockSequence 1', undefined],
  ['Match final user me\nKnockSequence 1', '1'],
  [`Match originalhost 'foo'\n  KnockSequence 1`, '1'],
  ['Include other\nKnockSequence 2', '3'],
])('knock_config %j', (text, expected) => {
  const files = { [KNOCK]: text, '/home/me/.ssh/other': 'Host f*\nKnockSequence 3' };
  expect(find(fakeSystem(files), { host: 'foo.example' }).get('door')?.words[0]).toBe(expected);
});

test.each([
  ['HostName bar', 1, 'HostName is not allowed here'],
  ['Host bar\n\nport 22', 3, 'port is not allowed here'],
  ['Host bar\n7000 8000', 2, 'this line is not allowed here'],
  ['Host bar\nFoo7000 8000', 2, 'Foo... is not allowed here'],
  ['"User" x', 1, 'user is not allowed here'],
  ['KnockSequnce 1', 1, 'unknown keyword KnockSequnce'],
  ['Host bar\nInclude other', 1, 'Port is not allowed here'],
])('knock_config refuses %j', (text, line, message) => {
  const files = { [KNOCK]: text, '/home/me/.ssh/other': 'Port 22' };
  const file = text.includes('Include') ? '/home/me/.ssh/other' : KNOCK;
  expect(() => find(fakeSystem(files))).toThrow(`${file} line ${line}: ${message}`);
});

test.each([
  [{ [KNOCK]: 'Host foo\nKnokSequence 7000' }, KNOCK, 'KnockSequence'],
  [{ [KNOCK]: 'Hots foo\nKnockSequence 7000' }, KNOCK, 'Host'],
  [{ [KNOCK]: 'Host foo\nKnockDelays 70' }, KNOCK, 'KnockDelay'],
  [{ [CONFIG]: 'Host foo\nKnockSequenze 7000' }, CONFIG, 'KnockSequence'],
  [{ [KNOCK]: 'Host foo\nUser 7000' }, KNOCK, undefined],
  [{ [CONFIG]: 'Host foo\nKnocker 7000' }, CONFIG, undefined],
])('%j: did you mean', (files, file, meant) => {
  const load = () =>
    loadConfig({}, new Map(), fakeSystem(files), { spellings: ['KnockSequence', 'KnockDelay'] });
  const hints =
    meant === undefined
      ? expect.not.arrayContaining([expect.stringMatching(/mean/)])
      : expect.arrayContaining([`did you mean ${meant}?`]);
  expect(load).toThrow(expect.objectContaining({ message: expect.stringContaining(`${file} line `), hints }));
});
