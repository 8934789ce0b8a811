import { expect, it } from 'vitest';
import { readHostConfig } from '../../../src/config/host-config.ts';
import { CONFIG, fakeSystem, KNOCK } from '../ssh-config/fake-system.ts';

const hints = (host: string, knock: string) =>
  readHostConfig(
    { host, alias: host, port: 22 },
    fakeSystem({ [CONFIG]: '', [KNOCK]: { text: knock, mode: 0o100600 } }),
  ).hints;

it('hints at a pattern with a door where the name matches none', () => {
  expect(hints('web', 'Host *.example\nKnockSequence 1')).toEqual([
    expect.stringMatching(/^a Host or Match block has a door, but does not match this name/),
  ]);
});

it.each([
  ['a door', 'Host web\nKnockSequence 1'],
  ['no door at all', 'Host *.example\nKnockTimeout 5'],
  ['a door for another name', 'Host db\nKnockSequence 1'],
])('hints at nothing where there is %s', (_, knock) => {
  expect(hints('web', knock)).toEqual([]);
});

it.each([
  ['Host db\nKnockSequence 1', '', 'unknown'],
  ['', '# >>> knockproxy web (taken out by: knockproxy remove web)', 'managed'],
  ['\t# >>> knockproxy web (x', '', 'managed'],
  ['# >>> knockproxy web2 (x', '', 'unknown'],
  ['# >>> knockproxy web (x\nHost web\nKnockSequence none', '', undefined],
  ['# >>> knockproxy web (x\nHost web\nKnockSequence 1', '', undefined],
])('whether a host without a door should have one: %j, %j', (knock, config, expected) => {
  const system = fakeSystem({ [CONFIG]: config, [KNOCK]: { text: knock, mode: 0o100600 } });
  expect(readHostConfig({ host: 'web', alias: 'web', port: 22 }, system).undecided).toBe(expected);
});

it('says when the file of the door was last changed', () => {
  const changedAt = Date.UTC(2026, 0, 2);
  const knock = { text: 'Host web\nKnockSequence 1', mode: 0o100600, changedAt };
  const system = fakeSystem({ [CONFIG]: { text: '', mode: 0o100600, changedAt: 1 }, [KNOCK]: knock });
  const { settings } = readHostConfig({ host: 'web', alias: 'web', port: 22 }, system);
  expect(settings.door?.changedAt).toBe(changedAt);
});

it.each([
  ['inner', 'Host *\nKnockSequence 1\nKnockVia bastion', 'bastion'],
  ['inner', 'Host inner\nKnockSequence 1\nKnockVia me@bastion.example', 'me@bastion.example'],
  ['inner', 'Host *\nKnockSequence 1\nKnockVia none', undefined],
  ['bastion', 'Host *\nKnockSequence 1\nKnockVia bastion', undefined],
  ['BASTION', 'Host *\nKnockVia me@bastion', undefined],
])('knocks on %s from the host that %j names, but for that host itself', (host, knock, expected) => {
  const system = fakeSystem({ [CONFIG]: '', [KNOCK]: { text: knock, mode: 0o100600 } });
  expect(readHostConfig({ host, alias: host, port: 22 }, system).settings.knockVia?.via).toBe(expected);
});

it.each([
  ['KnockVia bastion', /line 2: KnockVia needs a door/],
  ['KnockSequence none\nKnockVia bastion', /line 3: KnockVia needs a door/],
  ['KnockSequence 1\nKnockVia -oProxyCommand=x', /line 3: the value of KnockVia is not a host name/],
  ['KnockSequence 1\nKnockVia "a b"', /line 3: the value of KnockVia is not a host name/],
  ['KnockSequence 1\nKnockVia a b', /line 3: KnockVia takes one value/],
])('refuses %j', (lines, message) => {
  const knock = { text: `Host web\n${lines}`, mode: 0o100600 };
  const system = fakeSystem({ [CONFIG]: '', [KNOCK]: knock });
  expect(() => readHostConfig({ host: 'web', alias: 'web', port: 22 }, system)).toThrow(message);
});
