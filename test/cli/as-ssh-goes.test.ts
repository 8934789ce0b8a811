import os from 'node:os';
import { expect, test } from 'vitest';
import { ConfigHome } from './config-home.ts';

/** The knocks of `knockproxy knock --dry-run box` as `address port`. */
function knocks(home: ConfigHome): string[] {
  const { stdout, stderr } = home.run(['knock', '--dry-run', 'box']);
  expect(stderr).toBe('');
  return [...stdout.matchAll(/tcp {2}(\S+) {2}port (\d+)/g)].map(([, address, port]) => `${address} ${port}`);
}

test('HostName and Port under Match exec: the knock goes where ssh goes', () => {
  const text =
    'IgnoreUnknown Knock*\nHost box\n  KnockSequence 7001\n' +
    'Match host box exec "true"\n  HostName 127.0.0.9\n  Port 2299\n';
  const home = new ConfigHome({ text });
  home.write('knock/knock_config', '');
  expect(home.sshG('box').get('hostname')).toBe('127.0.0.9');
  expect(knocks(home)).toEqual(['127.0.0.9 7001']);
  const { stdout } = home.run(['check', '--json', 'box']);
  expect(JSON.parse(stdout).port).toBe(2299);
  expect(JSON.stringify(JSON.parse(stdout).addresses)).toContain('"127.0.0.9"');
});

test('Match user above User: the door that ssh -G finds', () => {
  const text =
    `IgnoreUnknown Knock*\nMatch originalhost box user ${os.userInfo().username}\n` +
    '  KnockSequence 7001\n  XAuthLocation 7001\n' +
    'Host box\n  HostName 127.0.0.1\n  User bob\n  KnockSequence 7002\n  XAuthLocation 7002\n';
  const home = new ConfigHome({ text });
  home.write('knock/knock_config', '');
  expect(knocks(home)).toEqual([`127.0.0.1 ${home.sshG('box').get('xauthlocation')}`]);
});
