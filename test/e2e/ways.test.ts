import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import type { SshConfigOptions } from '../netns/index.ts';
import { KNOCK_SEQUENCE, USER } from './person.ts';
import { MODES, type Mode, Scene } from './scene.ts';

/** One way to configure a door, by the files that a person writes. */
interface Way {
  name: string;
  ssh: SshConfigOptions;
  /** knock_config; undefined: there is none, the door stands in ssh's own file. */
  knock?: readonly string[];
}

const IN_SSH_CONFIG = { top: ['IgnoreUnknown Knock*'], lines: [KNOCK_SEQUENCE] };

const ADDRESS = '10.77.0.2';

const TOKENS = ["-- '%h' %p", "-- '%h' %p '%n'", "-- '%h' %p '%n' '%r'", '%h %p', '%h %p %n %r'];

const WAYS: Way[] = [
  ...TOKENS.flatMap((tokens): Way[] => [
    {
      name: `${tokens}, the door in knock_config`,
      ssh: { proxyCommand: `knockproxy ${tokens}` },
      knock: ['Host server', KNOCK_SEQUENCE],
    },
    {
      name: `${tokens}, the door in ssh's config under an alias`,
      ssh: { proxyCommand: `knockproxy ${tokens}`, ...IN_SSH_CONFIG },
    },
  ]),
  {
    name: '%h %p, the door in knock_config under the address',
    ssh: { host: `server ${ADDRESS}`, proxyCommand: "knockproxy -- '%h' %p" },
    knock: [`Host ${ADDRESS}`, KNOCK_SEQUENCE],
  },
  {
    name: 'a door for one user, by Match user and %r',
    ssh: { proxyCommand: "knockproxy -- '%h' %p '%n' '%r'" },
    knock: [`Match user nobody,${USER}`, KNOCK_SEQUENCE],
  },
  {
    name: 'a name with IPv4 and IPv6 addresses',
    ssh: { hostName: 'dual.example', ...IN_SSH_CONFIG, proxyCommand: "knockproxy -- '%h' %p '%n' '%r'" },
  },
  ...['fd77::2', 'v6.example'].map((hostName) => ({
    name: `IPv6, HostName ${hostName}`,
    ssh: { hostName, ...IN_SSH_CONFIG, proxyCommand: "knockproxy -- '%h' %p '%n' '%r'" },
  })),
  ...['AddressFamily inet6', 'BindAddress fd77::1', 'AddressFamily inet', 'BindAddress 10.77.0.1'].map(
    (line) => ({
      name: `${/6|:/.test(line) ? 'IPv6' : 'IPv4'} by ${line}`,
      ssh: { hostName: 'dual.example', proxyCommand: "knockproxy -- '%h' %p", ...withLine(line) },
    }),
  ),
];

describeBed('a door opens however it is configured', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());

  describe.each(WAYS)('$name', ({ name, ssh, knock = [] }) => {
    test.each(MODES)('by %s', async (mode) => {
      configure(mode, ssh, knock);
      await scene.shut();
      const result = await scene.person.run('ssh', ['server', 'echo $SSH_CONNECTION']);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      if (name.startsWith('IPv6')) expect(result.stdout).toMatch(/^fd77::1 \d+ fd77::2 22\n$/);
      if (name.startsWith('IPv4')) expect(result.stdout).toMatch(/^10\.77\.0\.1 \d+ 10\.77\.0\.2 22\n$/);
      expect(scene.news().logins).toBe(1);
    });
  });

  /** The door is found under HOST, the rest of ssh's settings under the alias. */
  test('%h %p, the door under the address and ProxyUseFdpass under the alias', async () => {
    configure('fdpass', { proxyCommand: "knockproxy -- '%h' %p" }, [`Host ${ADDRESS}`, KNOCK_SEQUENCE]);
    await scene.shut();
    expect(await scene.person.run('ssh', ['server', 'true'])).toMatchObject({ code: 0 });
  });

  test.each(MODES)('with -F and --knock-config in place of the usual files, by %s', async (mode) => {
    const { bed, person } = scene;
    configure(mode, {}, ['Host *', 'KnockSequence 1']); // never read
    person.write('config', ['Host *', 'HostName 10.77.0.3']); // never read
    const path = bed.sshConfig({
      ...IN_SSH_CONFIG,
      proxyCommand: `knockproxy -F ~/work_config --knock-config none -- '%h' %p '%n' '%r'`,
      proxyUseFdpass: mode === 'fdpass',
    });
    await person.run('cp', [path, `${person.home}/work_config`]);
    await scene.shut();
    const result = await person.run('ssh', ['-F', `${person.home}/work_config`, 'server', 'echo in']);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
  });

  test.each(MODES)('and a host without one is connected to at once, by %s', async (mode) => {
    const { bed, person } = scene;
    const options = { host: '*', hostName: '%h', proxyCommand: `knockproxy -v -- '%h' %p '%n' '%r'` };
    configure(mode, options, ['Host elsewhere', KNOCK_SEQUENCE]);
    await scene.shut();
    await bed.server.must('iptables', ['-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT']);
    const result = await person.run('ssh', [bed.server.ip, 'echo in']);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(result.stderr).toContain('nothing to knock');
    const { syn, udp } = await bed.server.counts();
    expect([[...syn], [...udp]]).toEqual([[[22, 1]], []]);
  });

  function configure(mode: Mode, ssh: SshConfigOptions, knock: readonly string[]): void {
    scene.configure(mode, ssh);
    scene.person.write('knock_config', knock);
  }
});

function withLine(line: string): SshConfigOptions {
  return { ...IN_SSH_CONFIG, lines: [KNOCK_SEQUENCE, line] };
}
