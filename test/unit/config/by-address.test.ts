import { describe, expect, it } from 'vitest';
import { readHostConfig } from '../../../src/config/host-config.ts';
import { KEYWORDS } from '../../../src/config/keywords.ts';
import { neededNames } from '../../../src/config/needed-names.ts';
import { loadConfig } from '../../../src/ssh-config/evaluate.ts';
import { CONFIG, fakeSystem, KNOCK } from '../ssh-config/fake-system.ts';

function files(config: string, knock = '') {
  return fakeSystem({
    [CONFIG]: `IgnoreUnknown Knock*\n${config}`,
    [KNOCK]: { text: knock, mode: 0o100600 },
  });
}

const found = (host: string, config: string, knock = '') =>
  readHostConfig({ host, port: 22 }, files(config, knock));
const WANTED = new Map(
  KEYWORDS.flatMap(({ name, slot }): [string, string][] => (slot ? [[name.toLowerCase(), slot]] : [])),
);
const WEB = 'Host web\nHostName 10.0.0.1\n';

describe('%h %p alone', () => {
  it.each([
    ['an alias', WEB, 'Host web\nKnockSequence 1', 'web', 2],
    ['the address', WEB, 'Host 10.0.0.1\nKnockSequence 1', '10.0.0.1', 2],
    ['both with one door', WEB, 'Host web 10.*\nKnockSequence 1', '10.0.0.1', 2],
    ['a name with %n', WEB, 'Host web\nKnockSequenceFile ~/%n', 'web', 2],
    ['a stanza by its name', WEB, 'Host web\nKnockSpa yes', 'web', 2],
    ['two with one door', `${WEB}Host db\nHostName 10.0.0.1`, 'Host web db\nKnockSequence 1', '10.0.0.1', 2],
  ])('finds the door of %s', (_, config, knock, alias, line) => {
    const { settings, ...rest } = found('10.0.0.1', config, knock);
    expect(rest.alias).toBe(alias);
    expect(settings.door?.where).toContain(`line ${line}`);
  });

  it.each([
    ['a pattern on the address', `${WEB}KnockSequence 1\nHost 10.*\nKnockSequence 2,3`, ''],
    ['a door for everybody', WEB, 'Host web\nKnockSequence 1\nHost *\nKnockSequence 2'],
    [
      'two aliases',
      `${WEB}Host db\nHostName 10.0.0.1`,
      'Host web\nKnockSequence 1\nHost db\nKnockSequence 2',
    ],
    ['two aliases with %n', `${WEB}Host db\nHostName 10.0.0.1`, 'Host web db\nKnockSequenceFile ~/%n'],
    ['%n of the address', WEB, 'Host *\nKnockSequenceFile ~/%n'],
  ])('stops and says which: %s', (_, config, knock) => {
    expect(() => found('10.0.0.1', config, knock)).toThrow(
      /^several names resolve to 10.0.0.1 port 22, with different doors: .*web/,
    );
  });

  it('takes a name that differs in case only for the same', () => {
    expect(found('web', 'Host Web', 'Host Web\nKnockSequenceFile ~/%n').alias).toBe('Web');
  });
});

describe('what ProxyCommand has to pass', () => {
  const of = (alias: string, config: string, knock = '') =>
    neededNames(loadConfig({}, WANTED, files(config, knock)), alias);

  it.each([
    ['its own name', 'Host web', 'Host web\nKnockSequence 1', 'host'],
    ['a HostName', WEB, 'Host web\nKnockSequence 1', 'host'],
    ['a HostName with %h', 'Host web\nHostName %h.example', 'Host web\nKnockSequence 1', 'host'],
    ['another Port', `${WEB}Port 2222`, 'Host web\nKnockSequence 1', 'host'],
    ['one alias with %n', WEB, 'Host web\nKnockSequenceFile ~/%n', 'host'],
    ['no door', WEB, '', 'host'],
    ['a pattern on the address', WEB, 'Host web\nKnockSequence 1\nHost 10.*\nKnockSequence 2', 'alias'],
    ['a pattern on the alias', 'Host w*\nHostName 10.0.0.1', 'Host w*\nKnockSequence 1', 'alias'],
    ['%n for everybody', WEB, 'Host *\nKnockSequenceFile ~/%n', 'alias'],
    ['another door on the same port', `${WEB}Host db\nHostName 10.0.0.1`, 'Host web\nKnockSequence 1\nHost db\nKnockSequence 2', 'alias'], // biome-ignore format: a row
    ['%r', WEB, 'Host web\nKnockSequenceFile ~/%r', 'user'],
    ['Match user', WEB, 'Match user bob\nKnockSequence 1\nHost web\nKnockSequence 2', 'user'],
    [
      'Match exec with %r',
      WEB,
      'Match exec "test %r = x"\nKnockSequence 1\nHost web\nKnockSequence 2',
      'user',
    ],
    ['Match user elsewhere', `${WEB}Match user bob\nForwardAgent yes`, 'Host web\nKnockSequence 2', 'host'],
  ])('%s', (_, config, knock, passed) => {
    expect(of('web', config, knock)).toBe(passed);
  });
});
