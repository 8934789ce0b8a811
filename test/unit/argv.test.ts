import { describe, expect, it } from 'vitest';
import { parseProxyArgv } from '../../src/argv.ts';

const defaults = { verbose: 0, fdpass: false };

describe('the command line that ssh runs', () => {
  it.each([
    ['host 22', { host: 'host', port: 22 }],
    ['host 22 alias', { host: 'host', port: 22, alias: 'alias' }],
    ['host 22 alias user', { host: 'host', port: 22, alias: 'alias', user: 'user' }],
    ['host 1', { host: 'host', port: 1 }],
    ['host 65535', { host: 'host', port: 65535 }],
    ['knock 22', { host: 'knock', port: 22 }],
    ['generate 22 a b', { host: 'generate', port: 22, alias: 'a', user: 'b' }],
    ['-- -host 22', { host: '-host', port: 22 }],
    ['-4 host 22', { host: 'host', port: 22, family: 4 }],
    ['-4 -6 host 22', { host: 'host', port: 22, family: 6 }],
    ['-v host 22', { host: 'host', port: 22, verbose: 1 }],
    ['-vv -v -v host 22', { host: 'host', port: 22, verbose: 3 }],
    ['-6v host 22', { host: 'host', port: 22, family: 6, verbose: 1 }],
    ['-F /file host 22', { host: 'host', port: 22, configFile: '/file' }],
    ['-F ~/file host 22', { host: 'host', port: 22, configFile: '~/file' }],
    ['-F none host 22', { host: 'host', port: 22, configFile: 'none' }],
    ['-F/file host 22', { host: 'host', port: 22, configFile: '/file' }],
    ['-vF/file host 22', { host: 'host', port: 22, configFile: '/file', verbose: 1 }],
    ['-- host 22 %n %r', { host: 'host', port: 22 }],
    ['-- host 22 %n user', { host: 'host', port: 22, user: 'user' }],
    ['-- host 22 alias %r', { host: 'host', port: 22, alias: 'alias' }],
    ['remove 22', { host: 'remove', port: 22 }],
    ['listen 22', { host: 'listen', port: 22 }],
    ['listen 22 alias user', { host: 'listen', port: 22, alias: 'alias', user: 'user' }],
    ['-- listen 22 alias 5432', { host: 'listen', port: 22, alias: 'alias', user: '5432' }],
    ['--fdpass -- host 22', { host: 'host', port: 22, fdpass: true }],
    ['--knock-config none host 22', { host: 'host', port: 22, knockConfig: 'none' }],
    ['--knock-config=/file host 22', { host: 'host', port: 22, knockConfig: '/file' }],
  ])('%s', (line, expected) => {
    expect(parseProxyArgv(line.split(' '), () => false)).toEqual({ ...defaults, ...expected });
  });

  it.each([
    [''],
    ['host'],
    ['host 0'],
    ['host 65536'],
    ['host 022222'],
    ['host -1'],
    ['host 2a'],
    ['knock host 22'],
    ['listen 5432 db 5432'],
    ['listen 5432 db 5432 --allow-others'],
    ['listen 5432 -v db 5432'],
    ['-v listen 5432 db 5432'],
    ['listen 0 db 5432'],
    ['listen 127.0.0.1:5432 db 5432'],
    ['--help'],
    ['-x host 22'],
    ['--fdpas host 22'],
    ['-F'],
    ['-4'],
  ])('leaves "%s" to the commands a person types', (line) => {
    expect(parseProxyArgv(line === '' ? [] : line.split(' '))).toBeUndefined();
  });

  it('keeps a user of an Active Directory as it is', () => {
    for (const user of ['CORP\\alice', 'a$HOME', 'john doe']) {
      expect(parseProxyArgv(['--', 'host', '22', 'alias', user])?.user).toBe(user);
    }
  });
});

/** What a shell makes of unquoted tokens in a folder with these names. */
const FOLDER: [line: string, names: string, message: RegExp][] = [
  ['-Fx z.x 22 oneX root', '-Fx z.x oneX', /^-F 'x' is not an absolute path/],
  ['-vFx z 22', '-vFx z', /^-F 'x' is not/],
  ['-F x z 22', '-F x z', /^-F 'x' is not/],
  ['-F./x z 22', '-F./x z', /^-F '.\/x' is not/],
  ['-F~ z 22', '-F~ z', /^-F '~' is not/],
  ['-F~root/x z 22', '-F~root/x z', /^-F '~root\/x' is not/],
  ['--knock-config=x z 22', '--knock-config=x z', /^--knock-config 'x' is not/],
  ['-F/tmp/x z 22', '-F/tmp/x z', /^'-F\/tmp\/x' is the name of a file/],
  ['--knock-config=/tmp/x z 22', '--knock-config=/tmp/x z', /^'--knock-config=\/tmp\/x' is the name/],
  ['-F none z 22', '-F none z', /^'-F' is the name/],
  ['--knock-config=none z 22', '--knock-config=none z', /^'--knock-config=none' is the name/],
  ['--fdpass z 22', '--fdpass z', /^'--fdpass' is the name/],
  ['-4 z 22', '-4 z', /^'-4' is the name/],
  ['-v -- z 22', '-v -- z', /^'-v' is the name/],
  ['a 443 22', 'a 443', /^'443' is the name/],
  ['a 443 b 22', 'a 443 b', /^'443' is the name/],
  ['evil.example 22 prod root', 'evil.example prod', /^'prod' is the name/],
  ['host 22 a b c', 'a b c', /^too many operands/],
  ['open 22 -Fx -Fx --verify', 'x', /^too many operands/],
];

describe('file names in the working folder', () => {
  it.each(FOLDER)('%s in a folder with %s is refused', (line, names, message) => {
    const isThere = (name: string) => names.split(' ').includes(name);
    expect(() => parseProxyArgv(line.split(' '), isThere)).toThrow(message);
  });

  it.each([
    ['-v -F /c -- web 22', '-v -F web'],
    ['web 22 web root', 'web root'],
    ['10.0.0.7 22 7', '7'],
    ['web.example 22 web', 'web'],
    ['-v web 22', 'web'],
  ])('%s in a folder with %s is what it says', (line, names) => {
    const isThere = (name: string) => names.split(' ').includes(name);
    expect(parseProxyArgv(line.split(' '), isThere)).toBeDefined();
  });
});
