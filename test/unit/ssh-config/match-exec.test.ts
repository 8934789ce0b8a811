import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { destinationOf, EXEC_MARKER, evaluateConfig } from '../../../src/ssh-config/evaluate.ts';
import { CommandNotRun } from '../../../src/ssh-config/system.ts';
import { withExec } from '../../../src/ssh-config/with-exec.ts';
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

test.each([
  ['as typed', { user: 'x', given: { user: 'x' } }],
  ['as no line of the files has it', { user: 'y' }],
])('User does not matter when it was given: %s', (_, query) => {
  const config = 'Match exec true\nUser x\nMatch user x\nKnockDelay 1';
  expect(run(config, {}, query).ran).toEqual([]);
});

describe('a name as typed', () => {
  const reach = (config: string, port?: number) => {
    const system = fakeSystem({ [CONFIG]: config });
    const { host, port: reached, user } = destinationOf(load(system), { alias: 'foo', port });
    return { reached: `${user}@${host}:${reached}`, ran: system.ran };
  };

  test.each([
    ['HostName', 'Match exec true\nHostName away', 'me@away:22'],
    ['Port', 'Match exec true\nPort 2299', 'me@foo:2299'],
    ['User', 'Match exec true\nUser bob', 'bob@foo:22'],
    ['the first that holds', 'Match exec false\nHostName a\nMatch exec true\nHostName b', 'me@b:22'],
    ['one in an Include', 'Match exec true\nInclude /none\nHostName away', 'me@away:22'],
    ['tokens so far', 'HostName %h.lan\nPort 2299\nMatch exec "true %h %p %r"\nUser bob', 'bob@foo.lan:2299'],
    ['Port by a name of /etc/services', 'Port ssh', 'me@foo:22'],
  ])('goes where %s leads', (_, config, reached) => {
    expect(reach(config).reached).toBe(reached);
  });

  test('runs nothing that sets neither', () => {
    expect(reach('Match exec true\nKnockSequence 1\nHostName a\nMatch exec true\nHostName b').ran).toEqual([
      'true',
    ]);
    expect(reach('Match exec true\nPort 1\nMatch exec false\nCompression yes', 22).ran).toEqual([]);
  });

  test('tokens have what stood before', () => {
    const config =
      'Match exec "true %h %p %r"\nPort 1\nUser u\nHostName h\nMatch exec "true %h %p %r"\nTag x\nUser v';
    expect(reach(config).ran).toEqual(['true foo 22 me']);
    expect(reach(config, 7).ran).toEqual(['true foo 7 me']);
  });
});

describe('HOST PORT ALIAS USER: user and port so far, unless they were typed', () => {
  const CASE = 'Match originalhost foo user me\nKnockSequence 1\nHost foo\nUser bob\nKnockSequence 2';
  test.each([
    ['User of a later line', CASE, { user: 'bob' }, '1'],
    ['and one that no line gives', CASE.replace('User bob', ''), { user: 'bob' }, '2'],
    ['no other than the local user', CASE.replace('User bob', 'User me'), { user: 'me' }, '1'],
    ['one that no line gives was typed', CASE.replace('user me', 'user eve'), { user: 'eve' }, '1'],
    ['User of an earlier line', `User bob\n${CASE.replace('user me', 'user bob')}`, { user: 'bob' }, '1'],
    ['Port of a later line', 'Match exec "true %p"\nKnockSequence 1\nPort 99', { port: 99 }, '1'],
  ])('%s', (_, config, query, door) => {
    expect(run(config, {}, query).door).toBe(door);
  });

  test.each([
    ['', { port: 99 }, ['true 22']],
    ['Port 99\n', { port: 99 }, ['true 99']],
    ['', { port: 7 }, ['true 7']],
    ['', { port: 99, given: { port: 99 } }, ['true 99']],
  ])('%j before, asked for %j: runs %j', (before, query, ran) => {
    expect(run(`${before}Match exec "true %p"\nKnockSequence 1\nPort 99`, {}, query).ran).toEqual(ran);
  });

  test('knock_config, read for the whole, tests what came out, also when USER was not passed', () => {
    for (const user of [undefined, 'bob']) {
      const system = fakeSystem({
        [KNOCK]: 'Match user bob exec "true %p"\nKnockSequence 1',
        [CONFIG]: 'User bob',
      });
      expect(find(system, { port: 99, ...(user && { user }) }).get('door')?.words).toEqual(['1']);
      expect(system.ran).toEqual(['true 99']);
    }
  });
});

test('each command runs once: in both passes, for several blocks and to find out what was typed', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-exec-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  const exec = (word: string) => `Match exec "echo ${word} >> ${folder}/ran; false"\nKnockSequence 1\n`;
  const text = `Match exec "false"\nKnockSequence 1\nHost foo\n${exec('%n')}${exec('%p')}${exec('%n')}Match final\n`;
  const system = fakeSystem(
    { [CONFIG]: `${text}${exec('%n')}Port 99\n` },
    {
      exec: (command) => {
        throw new CommandNotRun(command, process.env);
      },
    },
  );
  await withExec((real) => evaluateConfig(load(real), { alias: 'foo', port: 99 }), system);
  expect(fs.readFileSync(path.join(folder, 'ran'), 'utf8')).toBe('foo\n99\n');
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
