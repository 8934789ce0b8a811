import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { History } from '../../src/plan/history.ts';
import { parseHistory } from '../../src/plan/history-file.ts';
import {
  ARTICLE_SEQUENCE,
  type Host,
  KNOCKPROXY,
  mustRun,
  type RunOptions,
  type RunResult,
  waitFor,
} from '../netns/index.ts';
import { Heard } from './child.ts';

/** Who runs the tests; the same user exists on every machine of the bed. */
export const USER = userInfo().username;

/** The article's door as a person configures it. */
export const KNOCK_SEQUENCE = `KnockSequence ${ARTICLE_SEQUENCE.join(',')}`;

const SECRET = new RegExp(`\\b(${ARTICLE_SEQUENCE.map((step) => step.split(':')[0]).join('|')})\\b`);

/** $0 is the directory of passwd and hosts. In a mount namespace of their own they change nothing for others. */
const AT_HOME = 'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/hosts" /etc/hosts && exec "$@"';

/** Somebody at a machine of the bed: with a home that ssh too takes for theirs, and `knockproxy` on PATH. */
export class Person {
  readonly home: string;
  /** The directory of `knockproxy`. */
  readonly bin: string;
  private readonly env: Record<string, string | undefined>;

  /** @param hosts lines of /etc/hosts */
  constructor(
    private readonly machine: Host,
    private readonly dir: string,
    hosts: readonly string[] = [],
  ) {
    this.home = join(dir, 'home');
    this.bin = join(dir, 'bin');
    mkdirSync(join(this.home, '.ssh'), { recursive: true, mode: 0o700 });
    mkdirSync(this.bin);
    const program = `#!/bin/sh\nexec ${process.execPath} ${KNOCKPROXY} "$@"\n`;
    writeFileSync(join(this.bin, 'knockproxy'), program, { mode: 0o755 });
    const passwd = readFileSync('/etc/passwd', 'utf8');
    const line = new RegExp(`^(${USER}:.*:).*(:.*)$`, 'm');
    writeFileSync(join(dir, 'passwd'), passwd.replace(line, `$1${this.home}$2`));
    writeFileSync(join(dir, 'hosts'), ['127.0.0.1 localhost', ...hosts, ''].join('\n'));
    const path = `${this.bin}:${process.env.PATH}`;
    const unset = ['SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR'];
    this.env = { HOME: this.home, PATH: path, ...Object.fromEntries(unset.map((name) => [name, undefined])) };
  }

  /** Writes a file of ~/.ssh. */
  write(name: 'config' | 'knock_config', lines: readonly string[]): void {
    writeFileSync(join(this.home, '.ssh', name), `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  /** Takes away what knockproxy has learned from earlier logins. */
  forget(): void {
    rmSync(join(this.home, '.local'), { recursive: true, force: true });
  }

  /** Changes what knockproxy has learned from earlier logins, in each of its files. */
  relearn(change: (history: History) => Partial<History>): void {
    const state = join(this.home, '.local/state/knockproxy');
    for (const name of readdirSync(state).filter((file) => file.endsWith('.json'))) {
      const path = join(state, name);
      const history = parseHistory(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...history, ...change(history) }));
    }
  }

  /** Runs a command to its end. Throws when a port of the article's sequence shows in what it prints. */
  async run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    const changed = { timeoutMs: 15_000, ...options, env: { ...this.env, ...options.env } };
    const result = await this.machine.exec(...this.atHome(command, args), changed);
    keepsSecret(result.stderr);
    keepsSecret(result.stdout);
    return result;
  }

  /** Starts a command; the child's pid is the command's own. */
  spawn(command: string, args: readonly string[] = [], more: Record<string, string> = {}): Heard {
    const env = { ...process.env, ...this.env, ...more };
    return new Heard(this.machine.spawn(...this.atHome(command, args), { env }));
  }

  /** The knockproxy processes on this machine. */
  async knockproxies(): Promise<number[]> {
    return (await this.processes()).filter(isKnockproxy);
  }

  /** All processes on this machine. */
  async processes(): Promise<number[]> {
    const { stdout } = await mustRun(['ip', 'netns', 'pids', this.machine.name]);
    return stdout.split('\n').filter(Boolean).map(Number);
  }

  /** Waits until no knockproxy runs on this machine; throws after 1 s. */
  async leavesNothing(): Promise<void> {
    await waitFor('knockproxy to end', async () => (await this.knockproxies()).length === 0, 1000);
  }

  /** Command line before a command that is to find this home in /etc/passwd. */
  get prefix(): readonly [string, ...string[]] {
    return ['unshare', '--mount', 'sh', '-c', AT_HOME, this.dir];
  }

  private atHome(command: string, args: readonly string[]): [string, string[]] {
    const [first, ...rest] = this.prefix;
    return [first, [...rest, command, ...args]];
  }
}

/** Throws when a port of the article's sequence stands in a text. */
export function keepsSecret(text: string): void {
  const [port] = SECRET.exec(text) ?? [];
  if (port !== undefined) throw new Error(`port ${port} of the sequence was printed:\n${text}`);
}

function isKnockproxy(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === KNOCKPROXY;
  } catch {
    return false;
  }
}
