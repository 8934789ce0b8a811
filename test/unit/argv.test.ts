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
    ['-F file host 22', { host: 'host', port: 22, configFile: 'file' }],
    ['-Ffile host 22', { host: 'host', port: 22, configFile: 'file' }],
    ['-vFfile host 22', { host: 'host', port: 22, configFile: 'file', verbose: 1 }],
    ['--fdpass -- host 22', { host: 'host', port: 22, fdpass: true }],
    ['--knock-config none host 22', { host: 'host', port: 22, knockConfig: 'none' }],
    ['--knock-config=file host 22', { host: 'host', port: 22, knockConfig: 'file' }],
  ])('%s', (line, expected) => {
    expect(parseProxyArgv(line.split(' '))).toEqual({ ...defaults, ...expected });
  });

  it.each([
    [''],
    ['host'],
    ['host 0'],
    ['host 65536'],
    ['host 022222'],
    ['host -1'],
    ['host 2a'],
    ['host 22 a b c'],
    ['knock host 22'],
    ['--help'],
    ['-x host 22'],
    ['--fdpas host 22'],
    ['-F'],
    ['-4'],
  ])('leaves "%s" to the commands a person types', (line) => {
    expect(parseProxyArgv(line === '' ? [] : line.split(' '))).toBeUndefined();
  });
});
