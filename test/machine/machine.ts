import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Host } from '../netns/host.ts';
import { type Keys, keyPaths, knownHostsLine, makeKeys } from '../netns/keys.ts';
import { Reaper } from '../netns/reaper.ts';
import { mustRun, type RunOptions, type RunResult, run } from '../netns/run.ts';
import { waitFor } from '../netns/wait.ts';

/** What a machine is made of. */
export interface MachineOptions {
  /** Default eth0. */
  readonly device?: string;
  /** Default: yes, by the client. */
  readonly hasDefaultRoute?: boolean;
  /** sshd's port, default 22. */
  readonly sshPort?: number;
  /** More lines of sshd_config. */
  readonly sshdLines?: readonly string[];
  /** Run with sh in a chroot before the first boot: installs, enables, writes. */
  readonly prepare?: string;
}

export const CLIENT = { ip: '10.98.0.1', ip6: 'fd98::1' };
export const MACHINE = { ip: '10.98.0.2', ip6: 'fd98::2' };

/**
 * A Debian that boots: systemd in a container, with a network namespace of its own and a disk that is an overlay of the
 * real machine's. Everything of it is gone after close(), or when this process ends.
 */
export class Machine {
  readonly client: Host;
  private container: ChildProcess | undefined;
  private pid = 0;
  private boots = 0;

  private constructor(
    /** Of the test's files too. */
    readonly dir: string,
    readonly keys: Keys,
    private readonly names: { client: string; server: string },
    private readonly options: MachineOptions,
    private readonly reaper: Reaper,
  ) {
    this.client = new Host(names.client, CLIENT.ip, CLIENT.ip6);
  }

  /** Makes and boots one. */
  static async create(options: MachineOptions = {}): Promise<Machine> {
    const dir = mkdtempSync(join(tmpdir(), 'machine-'));
    const prefix = `knock${process.pid}-${randomBytes(3).toString('hex')}`;
    const names = { client: `${prefix}-c`, server: `${prefix}-s` };
    const reaper = new Reaper(dir, [names.client, names.server], [join(dir, 'disk/root'), join(dir, 'disk')]);
    const machine = new Machine(dir, keyPaths(dir), names, options, reaper);
    try {
      await machine.makeDisk();
      await mustRun(['ip', 'netns', 'add', names.client]);
      await mustRun(['ip', '-n', names.client, 'link', 'set', 'lo', 'up']);
      await machine.boot();
      return machine;
    } catch (error) {
      await reaper.reap();
      throw error;
    }
  }

  get root(): string {
    return join(this.dir, 'disk/root');
  }

  get sshPort(): number {
    return this.options.sshPort ?? 22;
  }

  /** Runs a command there, as root, outside of any login. */
  exec(command: string, options: RunOptions = {}): Promise<RunResult> {
    return run(['nsenter', '-t', String(this.pid), '-a', '-r', '-w', 'sh', '-c', command], {
      env: CLEAN_ENV,
      timeoutMs: 120_000,
      ...options,
    });
  }

  async must(command: string, options: RunOptions = {}): Promise<string> {
    const result = await this.exec(command, options);
    if (result.code !== 0) throw new Error(`${command}: ${result.code}\n${result.stderr}${result.stdout}`);
    return result.stdout;
  }

  /** As `init 6` does it, or as a power cut. */
  async reboot({ powerCut = false } = {}): Promise<void> {
    if (!powerCut) await this.exec('systemctl poweroff').catch(() => {});
    if (!powerCut) await waitFor('the machine to go down', () => this.isDown, 30_000).catch(() => {});
    await this.cutPower();
    await this.boot();
  }

  async cutPower(): Promise<void> {
    this.container?.kill('SIGKILL');
    await run(['kill', '-9', String(this.pid)]);
    await waitFor('the machine to end', () => this.isDown, 10_000);
    await mustRun(['ip', 'netns', 'del', this.names.server]);
  }

  close(): Promise<void> {
    this.container?.kill('SIGKILL');
    return this.reaper.reap();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private get isDown(): boolean {
    return (
      this.container === undefined || this.container.exitCode !== null || this.container.signalCode !== null
    );
  }

  private async makeDisk(): Promise<void> {
    const disk = join(this.dir, 'disk');
    mkdirSync(disk);
    await mustRun(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', disk]);
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(disk, name), { mode: 0o755 });
    const layers = `lowerdir=/,upperdir=${join(disk, 'upper')},workdir=${join(disk, 'work')}`;
    await mustRun(['mount', '-t', 'overlay', 'overlay', '-o', layers, this.root]);
    await makeKeys(this.keys);
    writeFileSync(this.keys.knownHosts, knownHostsLine(this.keys));
    await mustRun(['sh', '-ec', SET_UP, 'sh', this.root, this.keys.host, this.keys.authorized]);
    writeFileSync(join(this.root, 'etc/network/interfaces'), interfaces(this.options));
    writeFileSync(join(this.root, 'etc/ssh/sshd_config'), sshdConfig(this.options));
    const { prepare } = this.options;
    if (prepare !== undefined) await mustRun(['chroot', this.root, 'sh', '-ec', prepare], { env: CLEAN_ENV });
  }

  private async boot(): Promise<void> {
    await this.connect();
    this.boots += 1;
    const log = openSync(join(this.dir, `boot-${this.boots}.log`), 'w');
    this.container = spawn('systemd-nspawn', this.containerArgs(), {
      stdio: ['ignore', log, log],
      env: CLEAN_ENV,
    });
    closeSync(log);
    this.container.unref();
    this.pid = await waitFor('init', () => this.childPid(), 10_000);
    await this.isUp();
  }

  /** systemd takes commands a moment after it has begun. */
  private async isUp(): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      const { stdout } = await this.exec('systemctl is-system-running --wait', { timeoutMs: 90_000 });
      if (/^(running|degraded)/.test(stdout)) return;
      await delay(200);
    }
    throw new Error(
      `the machine does not boot: ${readFileSync(join(this.dir, `boot-${this.boots}.log`), 'utf8')}`,
    );
  }

  private containerArgs(): string[] {
    return [
      '--quiet',
      '--boot',
      `--directory=${this.root}`,
      `--machine=${this.names.server.replace(/[^\w]/g, '')}`,
      `--network-namespace-path=/run/netns/${this.names.server}`,
      '--capability=CAP_NET_ADMIN,CAP_NET_RAW',
      ...['--register=no', '--keep-unit', '--console=pipe', '--link-journal=no'],
      ...['--resolv-conf=off', '--timezone=off'],
    ];
  }

  private childPid(): number | undefined {
    const pid = this.container?.pid;
    if (this.isDown)
      throw new Error(
        `systemd-nspawn ended: ${readFileSync(join(this.dir, `boot-${this.boots}.log`), 'utf8')}`,
      );
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return children.map(Number).find(isInit);
  }

  /** A new namespace each time: the kernel's rules do not survive a boot. */
  private async connect(): Promise<void> {
    const { client, server } = this.names;
    const { device = 'eth0' } = this.options;
    const script = [
      `ip netns add ${server}`,
      `ip link add to-machine netns ${client} type veth peer name ${device} netns ${server}`,
      `ip -n ${client} link set to-machine up`,
      `ip -n ${client} addr add ${CLIENT.ip}/24 dev to-machine`,
      `ip -n ${client} addr add ${CLIENT.ip6}/64 dev to-machine nodad`,
    ];
    await mustRun(['sh', '-e'], { input: script.join('\n') });
  }
}

/** systemd-nspawn has other children before it. */
function isInit(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n';
  } catch {
    return false;
  }
}

const CLEAN_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  SSH_CONNECTION: undefined,
  NODE_OPTIONS: undefined,
};

/** $1: the disk, $2: host key, $3: authorized keys. Only sshd and the network start; the user admin has sudo. */
const SET_UP = `
cd "$1"
rm -rf etc/systemd/system/*.wants etc/systemd/system/*.requires
: >etc/machine-id
echo machine >etc/hostname
printf '127.0.0.1 localhost machine\\n' >etc/hosts
mkdir -p -m 700 root/.ssh && rm -f root/.ssh/*
cp "$3" root/.ssh/authorized_keys && chmod 600 root/.ssh/authorized_keys
rm -f etc/ssh/ssh_host_*; cp "$2" etc/ssh/host_key; chmod 600 etc/ssh/host_key
chroot . useradd --create-home --shell /bin/bash admin
cp -r root/.ssh home/admin/ && : >home/admin/.sudo_as_admin_successful && chroot . chown -R admin:admin /home/admin
mkdir -p etc/sudoers.d && echo 'admin ALL=(ALL:ALL) NOPASSWD: ALL' >etc/sudoers.d/admin && chmod 440 etc/sudoers.d/admin
rm -rf var/log/journal etc/knockproxy var/lib/knockproxy
systemctl --quiet --root=. enable networking.service ssh.service 2>/dev/null
systemctl --quiet --root=. set-default multi-user.target
systemctl --quiet --root=. mask getty@.service console-getty.service systemd-timesyncd.service systemd-hostnamed.service
`;

function interfaces({ device = 'eth0', hasDefaultRoute = true }: MachineOptions): string {
  return [
    'auto lo',
    'iface lo inet loopback',
    `auto ${device}`,
    `iface ${device} inet static`,
    `  address ${MACHINE.ip}/24`,
    ...(hasDefaultRoute ? [`  gateway ${CLIENT.ip}`] : []),
    `iface ${device} inet6 static`,
    `  address ${MACHINE.ip6}/64`,
    '  dad-attempts 0',
    '',
  ].join('\n');
}

function sshdConfig({ sshPort = 22, sshdLines = [] }: MachineOptions): string {
  return [
    ...sshdLines,
    `Port ${sshPort}`,
    'HostKey /etc/ssh/host_key',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'UseDNS no',
    'MaxStartups 500',
    'PrintMotd no',
    'Subsystem sftp /usr/lib/openssh/sftp-server',
    '',
  ].join('\n');
}
