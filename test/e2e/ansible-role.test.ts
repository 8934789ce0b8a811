import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon } from '../netns/daemon.ts';
import { describeBed } from '../netns/describe.ts';
import { Host } from '../netns/host.ts';
import { REPOSITORY } from '../netns/index.ts';
import { type Keys, keyPaths, knownHostsLine, makeKeys } from '../netns/keys.ts';
import { Reaper } from '../netns/reaper.ts';
import { mustRun } from '../netns/run.ts';
import { waitFor } from '../netns/wait.ts';
import { Person } from './person.ts';

const NAMES = ['web1.example', 'web2.example', 'web3.example'];
const SEQUENCES = ['21001,22001:udp,23001', '21002,22002:udp,23002', '21003,22003:udp,23003'];
/** Files of a server's own. $0: where they lie. */
const OWN_FILES = `for each in etc:/etc var-lib:/var/lib run:/run sbin:/usr/local/sbin root:/root; do
  mount --bind "$0/\${each%%:*}" "\${each#*:}"
done; exec "$@"`;

describeBed('examples/ansible-role on three servers', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.open();
  }, 300_000);
  afterAll(() => fleet?.close());

  test('installs, proves and keeps; again, nothing changes', async () => {
    const first = await fleet.play();
    expect(first).toMatch(/web3.example +: ok=\d+ +changed=[1-9]\d* .*failed=0/);
    await fleet.areShut();
    expect(first).not.toMatch(/2[123]00\d/);
    const second = await fleet.play();
    for (const name of NAMES) expect(second).toMatch(new RegExp(`${name} +: ok=\\d+ +changed=0 .*failed=0`));
  }, 600_000);

  test('a new secret in the vault is rotated through the old door', async () => {
    fleet.writeSecrets(['31001,32001', SEQUENCES[1]!, SEQUENCES[2]!]);
    const played = await fleet.play();
    expect(played).toMatch(/web1.example +: ok=\d+ +changed=[1-9]/);
    expect(played).toMatch(/web2.example +: ok=\d+ +changed=0/);
    const login = await fleet.person.run('ssh', ['-S', 'none', NAMES[0]!, 'echo in'], { timeoutMs: 60_000 });
    expect(login.stdout).toBe('in\n');
    await fleet.areShut();
  }, 600_000);

  test('the first failure ends the play: the other hosts are as they were', async () => {
    fleet.writeSecrets(['31002,32002', '31003,32003', SEQUENCES[2]!]);
    const { code } = await fleet.run('-e knockproxy_door_server=nosuch');
    expect(code).not.toBe(0);
    const login = await fleet.person.run('ssh', ['-S', 'none', NAMES[1]!, 'echo in'], { timeoutMs: 60_000 });
    expect(login.stdout).toBe('in\n');
  }, 600_000);

  test('removes', async () => {
    expect(await fleet.play('-e knockproxy_door_state=absent')).toMatch(/web3.example .*failed=0/);
    expect(await fleet.ports()).toEqual(['open', 'open', 'open']);
  }, 600_000);
}, ['ansible-playbook', 'sudo']);

/** One client and three servers, each with /etc, /run and root's home of its own. */
class Fleet {
  readonly person: Person;

  static async open(): Promise<Fleet> {
    const dir = mkdtempSync(join(tmpdir(), 'knockproxy-fleet-'));
    const prefix = `knock${process.pid}-${randomBytes(3).toString('hex')}`;
    const servers = NAMES.map((_, n) => `${prefix}-${n}`);
    const reaper = new Reaper(dir, [prefix, ...servers]);
    try {
      await mustRun(['sh', '-e'], { input: topology(prefix, servers) });
      const keys = keyPaths(dir);
      await makeKeys(keys);
      writeFileSync(keys.knownHosts, knownHostsLine(keys));
      await Promise.all(servers.map((name, n) => startServer(name, join(dir, `server-${n}`), keys)));
      return new Fleet(dir, new Host(prefix, '', ''), keys, reaper);
    } catch (error) {
      await reaper.reap();
      throw error;
    }
  }

  private constructor(
    dir: string,
    private readonly client: Host,
    keys: Keys,
    private readonly reaper: Reaper,
  ) {
    this.person = new Person(
      client,
      dir,
      NAMES.map((name, n) => `10.96.${n}.2 ${name}`),
    );
    this.person.write('config', [
      'Match originalhost web*.example exec "test -e ~/.ssh/knock/%n"',
      "  ProxyCommand knockproxy -- '%h' %p '%n' '%r'",
      'Host *',
      `  IdentityFile ${keys.user}`,
      ...['  IdentitiesOnly yes', '  IdentityAgent none', '  BatchMode yes'],
      ...[`  UserKnownHostsFile ${keys.knownHosts}`, '  GlobalKnownHostsFile /dev/null'],
    ]);
    this.person.write('knock_config', [
      'Host web*.example',
      '  KnockSequenceFile ~/.ssh/knock/%n',
      '  KnockSequenceTimeout 10',
    ]);
    mkdirSync(join(this.person.home, '.ssh/knock'), { mode: 0o700 });
    cpSync(`${REPOSITORY}/examples/ansible-role`, join(this.person.home, 'role'), { recursive: true });
    this.writeSecrets(SEQUENCES);
  }

  /** As `ansible-vault view` shows them. */
  writeSecrets(sequences: readonly string[]): void {
    const lines = NAMES.map((name, n) => `  ${name}: "${sequences[n]}"`);
    mkdirSync(join(this.person.home, 'role/host_vars'), { recursive: true });
    writeFileSync(join(this.person.home, 'role/group_vars/all.yml'), `sequences:\n${lines.join('\n')}\n`);
  }

  run(more = '') {
    const command = `ansible-playbook -i inventory.ini -e '{"knockproxy_door_packages": []}' ${more} site.yml`;
    const env = {
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
      ANSIBLE_TIMEOUT: '60',
    };
    return this.person.run('sh', ['-c', command], {
      cwd: join(this.person.home, 'role'),
      env,
      timeoutMs: 550_000,
    });
  }

  async play(more = ''): Promise<string> {
    const result = await this.run(more);
    if (result.code !== 0) throw new Error(`${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  /** A login opens a port for 10 s. */
  areShut() {
    const shut = async () => (await this.ports()).every((answer) => answer === 'filtered');
    return waitFor('the ports to shut', shut, 20_000);
  }

  ports() {
    return Promise.all(NAMES.map((_, n) => this.client.probe(`10.96.${n}.2`, 22, 1000)));
  }

  close(): Promise<void> {
    return this.reaper.reap();
  }
}

function topology(client: string, servers: readonly string[]): string {
  const links = servers.map(
    (server, n) => `ip netns add ${server}
ip -n ${server} link set lo up
ip link add to-${n} netns ${client} type veth peer name eth0 netns ${server}
ip -n ${client} link set to-${n} up
ip -n ${server} link set eth0 up
ip -n ${client} addr add 10.96.${n}.1/24 dev to-${n}
ip -n ${server} addr add 10.96.${n}.2/24 dev eth0`,
  );
  return [`ip netns add ${client}`, `ip -n ${client} link set lo up`, ...links, ''].join('\n');
}

async function startServer(name: string, dir: string, keys: Keys): Promise<void> {
  for (const folder of ['var-lib', 'run/sshd', 'sbin', 'root'])
    mkdirSync(join(dir, folder), { recursive: true });
  cpSync('/etc', join(dir, 'etc'), { recursive: true, verbatimSymlinks: true });
  const conf = [
    `HostKey ${keys.host}`,
    `AuthorizedKeysFile ${keys.authorized}`,
    ...[
      'Port 22',
      'PidFile none',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'UsePAM no',
      'UseDNS no',
    ],
    ...['PasswordAuthentication no', 'Subsystem sftp internal-sftp', 'LogLevel VERBOSE', ''],
  ];
  writeFileSync(`${dir}.conf`, conf.join('\n'));
  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', `${dir}.conf`];
  await Daemon.start(
    new Host(name, '', ''),
    ['unshare', '--mount', 'sh', '-ec', OWN_FILES, dir, ...sshd],
    `${dir}.log`,
    (log) => log.includes('Server listening on'),
  );
  expect(readFileSync(`${dir}.log`, 'utf8')).toContain('listening');
}
