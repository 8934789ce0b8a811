import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { KnockproxyError } from '../../util/errors.ts';
import { printable, shellQuote } from '../../util/text.ts';
import type { DoorFiles } from '../generate/door-files.ts';
import { run } from '../shared/run-ssh.ts';

/** Where install.sh lies after `keep`. */
export const SERVER_PROGRAM = '/usr/local/sbin/knockproxy-door';

/** What ends the process without its `finally` blocks. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** What a session is opened with. */
interface SessionOptions {
  /** ssh's own options that say how to get there. */
  readonly how: readonly string[];
  readonly config?: string;
}

/**
 * Commands on a server that share one login: a master of our own, so that a person types a password once. Its socket
 * lies in a private folder, where the files for the server lie too.
 */
export class SshSession {
  readonly folder = temporaryFolder();
  /** In the home of the user who logs in. */
  readonly remoteFolder = `door-${randomBytes(4).toString('hex')}`;
  private readonly common: readonly string[];

  constructor(
    private readonly host: string,
    private readonly options: SessionOptions,
  ) {
    const master = [
      'ControlMaster=auto',
      `ControlPath=${path.join(this.folder, 'master')}`,
      'ControlPersist=60',
    ];
    this.common = [
      ...(options.config === undefined ? [] : ['-F', options.config]),
      ...master.flatMap((word) => ['-o', word]),
      ...options.how,
    ];
    for (const signal of SIGNALS) process.once(signal, this.removeOnSignal);
  }

  /** Copies the server's half of a folder. */
  get copy(): string[] {
    const address = this.host.includes(':') ? `[${this.host}]` : this.host;
    return [
      'scp',
      '-rpq',
      ...this.common,
      path.join(this.folder, 'server'),
      `${address}:${this.remoteFolder}`,
    ];
  }

  /** Sets up what was copied, without the script's words on what to do next: the caller does it. */
  get install(): string[] {
    return this.command(this.common, `sh ${this.remoteFolder}/install.sh --brief`);
  }

  /** A login through the door, on a connection of its own, that keeps what was set up. */
  keep(script: string): string[] {
    const { config } = this.options;
    const own = [...(config === undefined ? [] : ['-F', config]), '-S', 'none'];
    return this.command(own, `sh ${script} keep`);
  }

  /** sudo may ask for a password. */
  private command(options: readonly string[], command: string): string[] {
    return ['ssh', ...options, ...(process.stdin.isTTY ? ['-t'] : []), '--', this.host, command];
  }

  async close(): Promise<void> {
    await run(['ssh', ...this.common, '-O', 'exit', '--', this.host]);
    for (const signal of SIGNALS) process.off(signal, this.removeOnSignal);
    this.remove();
  }

  /** The folder holds the secret. */
  private remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends the process by the signal, as without a handler. */
  private readonly removeOnSignal = (signal: NodeJS.Signals): void => {
    this.remove();
    process.kill(process.pid, signal);
  };
}

/** @throws KnockproxyError where none can be created. */
function temporaryFolder(): string {
  try {
    return fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KnockproxyError(`cannot create a directory in ${printable(os.tmpdir())} (${code})`, {
      hints: ['set TMPDIR to a directory that exists and that you can write to'],
    });
  }
}

/** Past the ProxyCommand: the port is still open. */
export function directly({ port, user }: DoorFiles): string[] {
  const to = [`Port=${port}`, ...(user === undefined ? [] : [`User=${user}`]), 'ProxyCommand=none'];
  return to.flatMap((word) => ['-o', word]);
}

/** The commands as they will be run. */
export function shown(commands: readonly (readonly string[])[]): string {
  return commands.map((words) => `  ${words.map(shellQuote).join(' ')}\n`).join('');
}
