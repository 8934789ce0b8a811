import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { type Bed, createBed, DEBIAN_KNOCKD_CONF, KNOCKPROXY_COMMAND, waitFor } from '../netns/index.ts';

/** Debian's stock pair of doors: nothing closes by itself, each opening leaves a rule of its own. */
const DOOR = 'KnockSequence 7000,8000,9000\nKnockCloseSequence 9000,8000,7000\n';

describeBed('a door with a close sequence', () => {
  let bed: Bed;
  let knockConfig: string;
  const config = (fdpass: boolean) =>
    bed.sshConfig({
      proxyCommand: `${KNOCKPROXY_COMMAND} ${fdpass ? '--fdpass ' : ''}--knock-config ${knockConfig} -- '%h' %p '%n' '%r'`,
      proxyUseFdpass: fdpass,
    });
  const login = (file: string, command = 'true') => bed.client.exec('ssh', ['-F', file, 'server', command]);
  const openRules = async () =>
    (await bed.server.firewall.rules('iptables', 'INPUT')).filter((rule) => rule.includes('--dport 22'));

  beforeAll(async () => {
    bed = await createBed();
    knockConfig = join(bed.dir, 'knock_config');
    writeFileSync(knockConfig, DOOR, { mode: 0o600 });
    await bed.server.sshd({ maxStartups: '200' });
    await bed.server.knockd(DEBIAN_KNOCKD_CONF);
    await bed.server.firewall.article();
  });
  afterAll(() => bed?.close());

  it.each([false, true])('is shut behind each login, and the next one works (fdpass: %s)', async (fdpass) => {
    for (let i = 0; i < 3; i++) {
      expect(await login(config(fdpass), 'echo in')).toMatchObject({ stderr: '', code: 0, stdout: 'in\n' });
      await waitFor('the rule to be removed', async () => (await openRules()).length === 0, 10_000);
    }
  });

  it('is shut while the session goes on', async () => {
    const session = login(config(false), 'sleep 2; echo still here');
    await waitFor('the door to open', async () => (await openRules()).length > 0, 10_000);
    await waitFor('the door to shut', async () => (await openRules()).length === 0, 10_000);
    expect(await session).toMatchObject({ code: 0, stdout: 'still here\n' });
  });

  it('is shut behind the last of 20 logins at once, with none of their rules left', async () => {
    const file = config(true);
    const results = await Promise.all(Array.from({ length: 20 }, () => login(file)));
    expect(results.map(({ code }) => code)).toEqual(Array(20).fill(0));
    await waitFor('all rules to be removed', async () => (await openRules()).length === 0, 15_000);
  });

  it('is shut by hand: open, close', async () => {
    const [program, script] = KNOCKPROXY_COMMAND.split(' ') as [string, string];
    const run = (...args: string[]) =>
      bed.client.exec(program, [script, ...args, '--knock-config', knockConfig, '-F', 'none', bed.server.ip]);
    expect(await run('open')).toMatchObject({ code: 0, stderr: '' });
    expect(await bed.client.probe(bed.server.ip, 22)).toBe('open');
    expect(await run('close')).toMatchObject({ code: 0, stderr: '' });
    await waitFor('the rule to be removed', async () => (await openRules()).length === 0, 5000);
    expect(await run('open', '--verify')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('close')).toMatchObject({ code: 0 });
  });

  it('is shut behind a login that was broken off once it had knocked', async () => {
    const [program, script] = KNOCKPROXY_COMMAND.split(' ') as [string, string];
    const neverOpen = '23';
    const args = [script, '--knock-config', knockConfig, '-F', 'none', bed.server.ip, neverOpen];
    const child = bed.client.spawn(program, args);
    const ended = new Promise((resolve) => child.on('close', resolve));
    await waitFor('the door to open', async () => (await openRules()).length > 0, 10_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(128 + 15);
    await waitFor('all rules to be removed', async () => (await openRules()).length === 0, 15_000);
  });
});
