import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { Host } from './host.ts';
import { waitFor } from './wait.ts';

/** A server program on a host of the bed, in a process group of its own, with its output in a file. */
export class Daemon {
  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
    readonly logPath: string,
  ) {}

  /** Starts it and waits until `ready` is true of its log (and pid), or throws with the log. */
  static async start(
    host: Host,
    argv: readonly [string, ...string[]],
    logPath: string,
    ready: (log: string, pid: number) => boolean,
  ): Promise<Daemon> {
    const [command, ...args] = argv;
    const output = openSync(logPath, 'a');
    const child = host.spawn(command, args, { stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    child.on('error', () => {}); // then there is no pid, and waiting for `ready` fails
    child.unref();
    const daemon = new Daemon(child, command, logPath);
    await waitFor(`${command} to be ready`, () => {
      if (daemon.ended) throw new Error(`${command} ended at once:\n${daemon.log()}`);
      return ready(daemon.log(), daemon.pid);
    }).catch((error: Error) => {
      daemon.kill('SIGKILL');
      throw new Error(`${error.message}\n${daemon.log()}`, { cause: error });
    });
    return daemon;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** All that it has logged, earlier runs with the same log file included. */
  log(): string {
    return existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8') : '';
  }

  /** Ends it and the children in its process group (knockd's sleeping stop commands); returns once it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.kill(signal);
    await waitFor(`${this.name} to stop`, () => this.ended, 2000).catch(() => {
      this.kill('SIGKILL');
      return waitFor(`${this.name} to die`, () => this.ended);
    });
    this.kill('SIGKILL');
  }

  private kill(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // the group is empty already
    }
  }
}
