import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnOptionsWithoutStdio,
} from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { mustRun, type RunOptions, type RunResult, run, spawnArgv } from './run.ts';

/** Bind-mounts directory $1 over $2 in a mount namespace of its own, then becomes the rest of the arguments. */
const WITH_DIRECTORY = 'mkdir -p -m 700 "$2" && mount --bind "$1" "$2" && shift 2 && exec "$@"';

/** Certificates that a Node would parse at each start, for twice the time of the start itself: nothing here needs any. */
const NO_CERTIFICATES = { NODE_EXTRA_CA_CERTS: undefined };

/** One machine of the bed: a network namespace with an `eth0`. Files and processes are shared with the real machine. */
export class Host {
  /** Command line before a command that is to run here: for tools that start programs themselves. */
  readonly prefix: readonly string[];

  constructor(
    /** Name of the namespace, as `ip netns` lists it. */
    readonly name: string,
    readonly ip: string,
    readonly ip6: string,
    /** Laid over process.env for all that exec(), must() and spawn() start. */
    readonly env: Record<string, string> = {},
    /** Stands in for ~/.ssh, for commands run here only. */
    sshDirectory?: string,
  ) {
    // nsenter and not `ip netns exec`: that one also remounts /sys and costs twice as much. nsenter execs: same pid.
    this.prefix = ['nsenter', `--net=/run/netns/${name}`, '--'];
    if (sshDirectory === undefined) return;
    const real = join(userInfo().homedir, '.ssh');
    this.prefix = [
      ...this.prefix,
      'unshare',
      '--mount',
      'sh',
      '-ec',
      WITH_DIRECTORY,
      'sh',
      sshDirectory,
      real,
    ];
  }

  /**
   * The same machine for a user whose ~/.ssh is that directory, by a bind mount that only these commands see. A real
   * ~/.ssh is needed to mount on: a missing one is made, empty, and stays.
   */
  withSshDirectory(sshDirectory: string): Host {
    return new Host(this.name, this.ip, this.ip6, this.env, sshDirectory);
  }

  /** Runs a command here to its end; a bad exit code is a result, not an error. */
  exec(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return run([...this.prefix, command, ...args], this.withEnv(options));
  }

  /** Like exec(), but throws unless the exit code is 0. */
  must(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return mustRun([...this.prefix, command, ...args], this.withEnv(options));
  }

  /**
   * One TCP connect from here: `open`, `refused` (RST or ICMP), or `filtered`, no answer within `timeoutMs`. The
   * kernel sends a second SYN after 1 s.
   */
  async probe(ip: string, port: number, timeoutMs = 300): Promise<'open' | 'refused' | 'filtered'> {
    const result = await this.exec('bash', ['--norc', '-c', `: <>/dev/tcp/${ip}/${port}`], { timeoutMs });
    if (result.timedOut) return 'filtered';
    if (result.code === 0) return 'open';
    if (result.stderr.includes('refused')) return 'refused';
    throw new Error(`probe of ${ip} port ${port}: ${result.stderr}`);
  }

  /**
   * Starts a command here. The child's pid is the command's own, and `env` is laid over process.env. What still runs at
   * close() is killed.
   */
  spawn(
    command: string,
    args?: readonly string[],
    options?: SpawnOptionsWithoutStdio,
  ): ChildProcessWithoutNullStreams;
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const env = { ...process.env, ...NO_CERTIFICATES, ...this.env, ...options.env };
    return spawnArgv([...this.prefix, command, ...args], { ...options, env });
  }

  private withEnv(options: RunOptions): RunOptions {
    return { ...options, env: { ...NO_CERTIFICATES, ...this.env, ...options.env } };
  }
}
