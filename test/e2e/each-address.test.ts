import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { knockdConf } from '../netns/index.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

/** Waits for what no test waits for otherwise: knockd has run its command. */
const COMMAND_MS = 2000;

describeBed('a host with an IPv4 and an IPv6 address', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    await scene.shut();
    scene.person.write('config', ['Host server', 'HostName dual.example']);
    scene.person.write('knock_config', ['Host server', KNOCK_SEQUENCE, 'KnockDelay 20']);
  });

  async function opened(): Promise<string[]> {
    const { server, client } = scene.bed;
    return Promise.all([server.ip, server.ip6].map((ip) => client.probe(ip, 22, COMMAND_MS)));
  }

  test.each([
    [
      ['open', 'server'],
      ['open', 'open'],
    ],
    [
      ['open', '-4', 'server'],
      ['open', 'filtered'],
    ],
    [
      ['open', '-6', 'server'],
      ['filtered', 'open'],
    ],
    [
      ['open', '--verify', 'server'],
      ['open', 'open'],
    ],
    [
      ['knock', 'server'],
      ['open', 'open'],
    ],
    [
      ['knock', '-4', 'server'],
      ['open', 'filtered'],
    ],
  ])('is opened by %j: IPv4 and IPv6 are %j', async (args, expected) => {
    expect(await scene.person.run('knockproxy', args)).toMatchObject({ code: 0, stderr: '' });
    expect(await opened()).toEqual(expected);
  });

  test('is knocked on where this machine has a route', async () => {
    const { client } = scene.bed;
    await client.must('ip', ['-6', 'route', 'del', 'fd77::/64', 'dev', 'eth0']);
    const result = await scene.person.run('knockproxy', ['open', 'server']);
    await client.must('ip', ['-6', 'route', 'add', 'fd77::/64', 'dev', 'eth0']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(await opened()).toEqual(['open', 'filtered']);
  });

  test('says what a firewall of this machine keeps from one family, and opens the other', async () => {
    const { client } = scene.bed;
    const rule = ['OUTPUT', '-p', 'udp', '-j', 'DROP'];
    await client.must('ip6tables', ['-w', '-A', ...rule]);
    const result = await scene.person.run('knockproxy', ['open', 'server']);
    await client.must('ip6tables', ['-w', '-D', ...rule]);
    expect(result.stderr).toMatch(
      /^knockproxy: warning: this machine refuses to send .* to fd77::2 \(EPERM\)$/m,
    );
    expect(result.code).toBe(0);
    expect((await opened())[0]).toBe('open');
  });

  test('is told to have more than the IPv4 for which fwknop opens', async () => {
    const keys = join(scene.person.home, '.ssh', 'keys');
    const lines = [`KEY_BASE64 ${'A'.repeat(43)}=`, `HMAC_KEY_BASE64 ${'E'.repeat(43)}=`];
    writeFileSync(keys, `${lines.join('\n')}\n`, { mode: 0o600 });
    scene.person.write('knock_config', ['Host server', 'KnockSpaKeyFile ~/.ssh/keys']);
    const { code, stderr } = await scene.person.run('knockproxy', ['open', 'server']);
    expect(stderr).toMatch(
      /^knockproxy: warning: fwknop opens for IPv4 only, and server has an IPv6 address too: with AddressFamily inet/,
    );
    expect(code).toBe(0);
  });

  test('does not let ssh hang where Match exec opens a door of IPv4 only', async () => {
    await scene.knockd.stop();
    const knockd = await scene.bed.server.knockd(knockdConf().replace(/^.*_command_6.*\n/gm, ''));
    const top = [`Match originalhost server exec "knockproxy open -4 -- '%n'"`, 'AddressFamily inet'];
    const file = scene.bed.sshConfig({ hostName: 'dual.example', top });
    scene.person.write('config', [readFileSync(file, 'utf8')]);
    const result = await scene.person.run('ssh', ['server', 'echo in']);
    await knockd.stop();
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
  });
});
