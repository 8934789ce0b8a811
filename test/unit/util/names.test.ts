import { describe, expect, it } from 'vitest';
import { checkAlias, checkHost, checkNames } from '../../../src/util/names.ts';

const REFUSED = ['?*X', 'w*', '[w]eb', 'web]', '~', '~root', '-web', 'w\neb', 'w\u0007', ' web', 'web\t'];

describe('names that a command line gives', () => {
  it.each(REFUSED)('%j is no host, no alias and no user', (name) => {
    expect(() => checkHost(name)).toThrow(/^host name '/);
    expect(() => checkAlias(name)).toThrow(/^host name '/);
    expect(() => checkNames({ host: 'web', alias: name })).toThrow(/^host name '/);
    expect(() => checkNames({ host: 'web', alias: 'web', user: name })).toThrow(/^user name '/);
  });

  it.each(['we b', 'a/b', '../x', ''])('%j is no host', (name) => {
    expect(() => checkHost(name)).toThrow(/^host name '/);
  });

  it.each(['CORP\\alice', 'a$HOME', 'john doe', 'alice@corp.example', 'svc$', 'j\u00fcrgen', 'a~b', 'a-b'])(
    '%j is a user',
    (user) => {
      expect(() => checkNames({ host: 'web', alias: 'web', user })).not.toThrow();
    },
  );

  it.each(['web', '10.0.0.1', 'fe80::1%eth0', 'b\u00fccher.example', 'x_y'])('%j is a host', (host) => {
    expect(() => checkNames({ host, alias: host })).not.toThrow();
  });
});

it.each([
  ['a\nb', "host name 'a...' contains a line feed"],
  ['a\tb', "host name 'a...' contains a control character"],
  ['a\u001b[31m', "host name 'a...' contains a control character"],
  ['a b', "host name 'a b' contains a blank"],
])('names what is wrong with %j in plain words', (name, message) => {
  expect(() => checkHost(name)).toThrow(message);
});
