import { expect, it } from 'vitest';
import { ConfigHome } from './config-home.ts';

const WARNING = 'the sequence knocks by TCP on port 22 or on the port that it opens';

it.each([
  ['the port that it opens', ['--port', '17009'], '17001,17009', true],
  ['port 22', ['--port', '17009'], '17001,22', true],
  ['other ports', ['--port', '17009'], '17001,17002,17009:udp', false],
])('add of a sequence with %s: a note', (_, args, sequence, isSaid) => {
  const at = new ConfigHome({ text: 'User bob\n' });
  const { status, stdout } = at.run(['add', 'web', '--yes', ...args], sequence);
  expect(status).toBe(0);
  expect(stdout.includes(WARNING)).toBe(isSaid);
  expect(stdout).not.toMatch(/\b1700[12]\b/);
});

it('import of such a door: a note', () => {
  const accept = '/sbin/iptables -A INPUT -s %IP% -p tcp --dport 17009 -j ACCEPT';
  const text = `[ssh]\n  sequence = 17001,17009\n  command = ${accept}\n`;
  const at = new ConfigHome({ text: '', files: { 'knockd.conf': text } });
  const { status, stdout } = at.run(['import', `${at.folder}/knockd.conf`, '--host', 'web', '--yes']);
  expect(status).toBe(0);
  expect(stdout).toContain(WARNING);
});

it('check of such a door: a warning', () => {
  const at = new ConfigHome({ text: 'Host web\n  HostName 127.0.0.1\n  Port 9\n' });
  at.write('knock/knock_config', 'Host web\n  KnockSequence 9,17001\n  KnockTimeout 0.3\n');
  const { stdout } = at.run(['check', 'web', '--json']);
  const { warnings } = JSON.parse(stdout) as { warnings: { text: string }[] };
  expect(warnings.map(({ text }) => text)).toContainEqual(expect.stringContaining(WARNING));
});
