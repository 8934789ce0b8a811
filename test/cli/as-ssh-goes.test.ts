import os from 'node:os';
import { expect, test } from 'vitest';
import { ConfigHome } from './config-home.ts';
import { PROGRAM } from './run.ts';

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

test('%h %p alone, with another door by a pattern on the address: it stops, and list and check agree', () => {
  const text =
    `IgnoreUnknown Knock*\nHost web\n  HostName 127.0.0.1\n  ProxyCommand ${process.execPath} ${PROGRAM} -- '%h' %p\n` +
    '  KnockSequence 7001\nHost 127.*\n  KnockSequence 7002,7003\n';
  const home = new ConfigHome({ text });
  home.write('knock/knock_config', '');
  const proxy = home.run(['-v', '127.0.0.1', '22']);
  expect(proxy).toMatchObject({ status: 2, stdout: '' });
  expect(proxy.stderr).toContain('127.0.0.1 port 22, with different doors: 127.0.0.1 (');
  expect(proxy.stderr).toContain(
    "hint: let ProxyCommand pass the names as typed: knockproxy -- '%h' %p '%n' '%r'",
  );
  expect(home.run(['list']).stderr).toContain('line 4 passes no %n');
  expect(home.run(['check', 'web']).stdout).toContain('line 4 passes no %n');
});

const SAVED = 'ACCESS tcp/22\nSPA_SERVER 192.0.2.10\nHMAC_KEY_BASE64 bm90\nUSE_HMAC Y\n';

test.each([
  ['resolving without a URL', 'KEY_BASE64 aU5v\nRESOLVE_IP_HTTPS Y\n', /RESOLVE_URL https:\S+,/],
  ['no key', 'ALLOW_IP 198.51.100.9\n', /KEY PASSPHRASE, or KEY_BASE64$/m],
])('a stanza that fwknop writes, %s: the line to add', (_, lines, line) => {
  const home = new ConfigHome({ text: 'IgnoreUnknown Knock*\nHost box\n  KnockSpa 192.0.2.10\n' });
  home.write('knock/knock_config', '');
  home.write('.fwknoprc', `[default]\n\n[192.0.2.10]\n${SAVED}${lines}`);
  const { status, stderr } = home.run(['knock', '--dry-run', 'box'], '', { HOME: home.folder });
  expect(status).toBe(2);
  expect(stderr).toMatch(line);
});
