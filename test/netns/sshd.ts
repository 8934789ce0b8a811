import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Daemon } from './daemon.ts';
import type { Host } from './host.ts';
import type { Keys } from './keys.ts';
import type { SshdProgram } from './newer-sshd.ts';
import type { Syslog } from './syslog.ts';

export interface SshdOptions {
  /** Default 22. */
  port?: number;
  /** As in sshd_config, e.g. '10:30:100'; the default here keeps sshd from dropping anybody. */
  maxStartups?: string;
  /**
   * The environment of its sessions. HOME is an empty folder unless given: bash reads ~/.bashrc when sshd starts it, and
   * what the user of this machine has there is not the bed's.
   */
  env?: Readonly<Record<string, string>>;
  /** More sshd_config lines; they stand first, so they win. */
  lines?: readonly string[];
  /** Default: the system's. */
  program?: SshdProgram;
  /** Logs there and not to a file of its own. */
  syslog?: Syslog;
}

/**
 * sshd insists on /run/sshd. A /run of its own, visible to nobody else, spares us making one on the real machine and
 * taking it away under the feet of another bed.
 */
const WITH_OWN_RUN = 'mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/sshd && exec "$@"';

/** Besides, a /dev/log of its own: $0 is the socket. */
const WITH_OWN_LOG = `mount -t tmpfs tmpfs /run && mkdir /run/upper /run/work &&
mount -t overlay overlay -o lowerdir=/dev,upperdir=/run/upper,workdir=/run/work /dev &&
ln -s "$0" /dev/log && ${WITH_OWN_RUN}`;

/** A real sshd: only the bed's user key opens it, for the user who runs the test. */
export class Sshd {
  private constructor(
    private readonly daemon: Daemon,
    readonly port: number,
    private readonly logPath: string,
  ) {}

  static async start(host: Host, base: string, keys: Keys, options: SshdOptions): Promise<Sshd> {
    const port = options.port ?? 22;
    const env = { HOME: `${base}.home`, ...options.env };
    mkdirSync(env.HOME, { recursive: true });
    writeFileSync(`${base}.conf`, config(port, env, keys, options));
    const logPath = options.syslog?.logPath ?? `${base}.log`;
    const daemon = await Daemon.start(
      host,
      ['unshare', '--mount', 'sh', '-c', ...commandLine(base, options)],
      `${base}.log`,
      () => read(logPath).includes('Server listening on :: port'),
    );
    return new Sshd(daemon, port, logPath);
  }

  log(): string {
    return read(this.logPath);
  }

  /** TCP connections that sshd has begun to serve, as far as its log says by now. */
  connections(): number {
    return this.count(/(?:^|: )Connection from /gm);
  }

  /** Logins by key. */
  logins(): number {
    return this.count(/(?:^|: )Accepted publickey /gm);
  }

  /** Stops listening; sessions go on, as with a real sshd. */
  stop(): Promise<void> {
    return this.daemon.stop();
  }

  private count(pattern: RegExp): number {
    return this.log().match(pattern)?.length ?? 0;
  }
}

/** What sh takes after -c. */
function commandLine(base: string, { program, syslog }: SshdOptions): string[] {
  const sshd = [program?.sshd ?? '/usr/sbin/sshd', '-D', ...(syslog ? [] : ['-e']), '-f', `${base}.conf`];
  return syslog ? [WITH_OWN_LOG, syslog.socketPath, ...sshd] : [WITH_OWN_RUN, 'sh', ...sshd];
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function config(
  port: number,
  env: Readonly<Record<string, string>>,
  keys: Keys,
  { maxStartups = '500', lines = [], program }: SshdOptions,
): string {
  const parts = program ? [`SshdSessionPath ${program.session}`, `SshdAuthPath ${program.auth}`] : [];
  const setEnv = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `${[...lines, ...parts].join('\n')}
Port ${port}
SetEnv ${setEnv.join(' ')}
HostKey ${keys.host}
PidFile none
AuthorizedKeysFile ${keys.authorized}
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PermitUserRC no
PrintMotd no
PrintLastLog no
MaxStartups ${maxStartups}
LogLevel VERBOSE
Subsystem sftp internal-sftp
`;
}
