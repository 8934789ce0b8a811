import { expect, test } from 'vitest';
import { EXEC_MARKER, evaluateConfig } from '../../../src/ssh-config/evaluate.ts';
import { CONFIG, fakeSystem, find, KNOCK, load } from './fake-system.ts';

function run(config: string, options: Parameters<typeof fakeSystem>[1] = {}, query = {}) {
  const system = fakeSystem({ [CONFIG]: config, '/inc': 'KnockDelay 7' }, options);
  const settings = find(system, query);
  return { ran: system.ran, door: settings.get('door')?.words[0], system };
}

test.each([
  ['Match exec true\nKnockSequence 1', ['true'], '1'],
  ['Match exec false\nKnockSequence 1', ['false'], undefined],
  ['Match !exec false\nKnockSequence 1', ['false'], '1'],
  ['Match exec true exec "true 2"\nKnockSequence 1', ['true', 'true 2'], '1'],
  ['Match exec false exec "true 2"\nKnockSequence 1', ['false'], undefined],
])('%j runs %j', (config, ran, door) => {
  expect(run(config)).toMatchObject({ ran, door });
});

test.each([
  ['nothing wanted in the block', 'Match exec true\nServerAliveInterval 3'],
  ['the slot is taken', 'KnockSequence 1\nMatch exec true\nKnockSequence 2'],
  ['another keyword took the slot', 'KnockHelper x\nMatch exec true\nKnockSequence 2'],
  ['a criterion before it fails', 'Match host bar exec true\nKnockSequence 1'],
  ['a criterion behind it fails', 'Match exec true host bar\nKnockSequence 1'],
  ['the block ends before', 'Match exec true\nHost bar\nKnockSequence 1'],
  ['HostName that nothing looks at', 'Match exec true\nHostName x\nPort 3\nUser y'],
  ['HostName looked at for nothing', 'Match exec true\nHostName x\nMatch host x\nCompression yes'],
  ['HostName looked at before', 'Match host x\nKnockDelay 1\nMatch exec true\nHostName x'],
  ['the block around it does not hold', 'Host bar\nInclude /exec'],
])('does not run: %s', (_, config) => {
  const system = fakeSystem({ [CONFIG]: config, '/exec': 'Match exec true\nKnockSequence 1' });
  find(system);
  expect(system.ran).toEqual([]);
});

test.each([
  ['a wanted keyword in an Include', 'Match exec true\nInclude /inc'],
  ['a wanted keyword behind an Include', 'Match exec true\nInclude /none\nKnockSequence 1'],
  ['HostName that Match host looks at', 'Match exec true\nHostName x\nMatch host x\nKnockDelay 1'],
  [
    'HostName that another exec looks at',
    'Match exec true\nHostName x\nMatch host foo exec "true %h"\nKnockDelay 1',
  ],
  ['HostName that makes the second pass differ', 'Match final\nKnockDelay 1\nMatch exec true\nHostName x'],
  ['User that Match user looks at', 'Match exec true\nUser x\nMatch user x\nKnockDelay 1'],
  ['Tag that Match tagged looks at', 'Match exec true\nTag x\nMatch tagged x\nKnockDelay 1'],
  [
    'HostName that CanonicalizeHostname settles',
    'CanonicalizeHostname yes\nMatch exec true\nHostName x\nHost x\nKnockDelay 1',
  ],
  ['CanonicalizeHostname', 'Match exec true\nCanonicalizeHostname yes\nHost x\nKnockDelay 1'],
])('runs: %s', (_, config) => {
  expect(run(config).ran[0]).toBe('true');
});

test('User does not matter when the user is given', () => {
  const config = 'Match exec true\nUser x\nMatch user x\nKnockDelay 1';
  expect(run(config, {}, { user: 'x' }).ran).toEqual([]);
});

test('each command runs once: in both passes, for several blocks and for several hosts', () => {
  const block = 'Match exec "true %n"\nKnockSequence 1\n';
  const system = fakeSystem({
    [CONFIG]: `Match exec "false %n"\nKnockSequence 1\n${block}${block}Match final\n`,
  });
  const config = load(system);
  for (const alias of ['foo', 'foo', 'bar']) evaluateConfig(config, { alias, port: 22 });
  expect(system.ran).toEqual(['false foo', 'true foo', 'false bar', 'true bar']);
});

test('the second pass runs what differs', () => {
  expect(run('HostName x\nMatch exec "false %h"\nKnockSequence 1\nMatch final\n').ran).toEqual(['false x']);
  const config = 'Match exec "false %h"\nKnockSequence 1\nMatch final\nHost *\nHostName X';
  expect(run(config).ran).toEqual(['false foo', 'false x']);
});

test.each([
  ['%n %h %p %r %u %d', 'foo web.example 2222 me me /home/me'],
  ['%l %L %i %j|%%', 'desk.example desk 1000 |%'],
  ['%k %C', 'key sha1(desk.exampleweb.example2222me)'],
])('tokens %s', (tokens, expected) => {
  const config = `HostName web.example\nHostKeyAlias key\nMatch exec "true ${tokens}"\nKnockSequence 1`;
  expect(run(config, {}, { port: 2222 })).toMatchObject({ ran: [`true ${expected}`], door: '1' });
});

test.each(['%x', '%', 'a %T'])('an unknown token %j does not match', (token) => {
  expect(run(`Match exec "true ${token}"\nKnockSequence 1`)).toMatchObject({ ran: [], door: undefined });
});

test('%r is the user given, and in knock_config %h the host given', () => {
  expect(run('User x\nMatch exec "true %r"\nKnockSequence 1', {}, { user: 'bob' }).ran).toEqual(['true bob']);
  const system = fakeSystem({ [KNOCK]: 'Match exec "true %h %n"\nKnockSequence 1' });
  find(system, { host: 'web' });
  expect(system.ran).toEqual(['true web foo']);
});

test('the command is told for which hosts it runs', () => {
  const outer = (name: string) => (name === EXEC_MARKER ? 'a%2Cb' : undefined);
  const { system } = run('HostName x y\nMatch exec true\nKnockSequence 1', { env: outer }, { alias: 'Ä,b' });
  expect(system.execEnv()).toEqual({ [EXEC_MARKER]: 'a%2Cb,%C3%84%2Cb,x' });
});

test.each(['$(id)', '`id`', 'a;id', "a'b", 'a b', '-oProxyCommand=id', 'a\nb', 'a|b', 'a&b'])(
  'no command is run for a host named %j, on which a shell would act',
  (alias) => {
    expect(run('Match exec "true %n"\nKnockSequence 1', {}, { alias }).system.ran).toEqual([]);
  },
);

test.each([
  ['foo', undefined],
  ['bar,FOO', '1'],
  ['bar,web', undefined],
  ['fo', '1'],
  ['', '1'],
])('under a command that runs for %j', (marker, door) => {
  const env = (name: string) => (name === EXEC_MARKER ? marker : undefined);
  const result = run('HostName Web\nMatch exec true\nKnockSequence 1', { env });
  expect(result).toMatchObject({ door, ran: door ? ['true'] : [] });
});
