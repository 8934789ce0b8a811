import { expect, it } from 'vitest';
import { ConfigHome, SECRET, SEQUENCE } from './config-home.ts';

const KNOCK = 'ProxyCommand sh -c "knock %h 17001 17002:udp; exec nc %h %p"';

it('the sequence of an old ProxyCommand is in no diff and no note', () => {
  const at = new ConfigHome({ text: `Host web\n  ${KNOCK}\n` });
  const added = at.run(['add', 'web', '--yes'], SEQUENCE);
  expect(added).toMatchObject({ status: 0, stderr: '' });
  expect(added.stdout).toContain('ssh now connects to web by ProxyCommand sh (not shown)');
  expect(added.stdout).not.toMatch(SECRET);
  expect(at.run(['remove', 'web', '--yes']).stdout).not.toMatch(SECRET);
  expect(at.read()).toBe(`Host web\n  ${KNOCK}\n`);
});

it('a long config with sequences: remove shows the lines it takes out, and no value', () => {
  const hosts = Array.from(
    { length: 300 },
    (_, i) => `Host h${i}\n  KnockSequence 17001,${17002 + (i % 7)}\n`,
  );
  const at = new ConfigHome({ text: `IgnoreUnknown Knock*\n${hosts.join('')}` });
  at.run(['add', 'h1', '--yes']);
  at.run(['add', 'last', '--yes'], SEQUENCE);
  const { stdout } = at.run(['remove', '--all', '--yes']);
  expect(stdout).not.toMatch(SECRET);
  expect(stdout.match(/^ {2}[-+]\d+: /gm)!.length).toBeLessThan(30);
});
