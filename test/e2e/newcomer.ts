import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Bed, createBed, type RunResult, waitFor } from '../netns/index.ts';
import { Person, USER } from './person.ts';

/** A server's files of its own, which no other machine sees: /etc, what daemons keep, and no systemd. $0: where. */
const OWN_FILES =
  'mount --bind "$0/etc" /etc && mkdir -p /var/lib && mount --bind "$0/var-lib" /var/lib && ' +
  'mount --bind "$0/run" /run && mount --bind "$0/sbin" /usr/local/sbin && cd "$0/home" && exec "$@"';

/** Somebody with two fresh machines, who knows nothing but README's commands. */
export class Newcomer {
  readonly client: Person;
  /** Commands that were needed, on each end. */
  readonly commands = { client: 0, server: 0 };

  static async arrive(): Promise<Newcomer> {
    const bed = await createBed();
    try {
      return new Newcomer(bed);
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(readonly bed: Bed) {
    this.client = new Person(bed.client, bed.dir);
    this.client.write('config', [readFileSync(bed.sshConfig(), 'utf8')]);
    for (const folder of ['home', 'var-lib', 'run', 'sbin'])
      mkdirSync(join(this.serverDir, folder), { recursive: true });
    cpSync('/etc', join(this.serverDir, 'etc'), { recursive: true, verbatimSymlinks: true });
  }

  /** Makes the door and follows the steps that generate prints, up to the login. */
  async setUp(options: readonly string[]): Promise<void> {
    const copying = await this.bed.server.sshd({
      lines: [`ForceCommand internal-sftp -d ${join(this.serverDir, 'home')}`],
    });
    const generate = `knockproxy generate server --out door --add --yes ${options.join(' ')}`;
    const { stdout } = await this.onClient(generate);
    const [scp, load, login, keep] = commandsOf(stdout);
    expect(keep).toBe('sh door/install.sh keep');
    expect(login).toBe('ssh -S none server');
    await this.onClient(scp!);
    await copying.stop();
    await this.bed.server.sshd();
    await this.onServer(load!);
  }

  async onClient(command: string): Promise<RunResult> {
    this.commands.client += 1;
    return succeeded(command, await this.client.run('sh', ['-c', command], { cwd: this.client.home }));
  }

  async onServer(command: string, env: Record<string, string> = {}): Promise<RunResult> {
    this.commands.server += 1;
    const args = ['--mount', 'sh', '-c', OWN_FILES, this.serverDir, 'sh', '-c', command];
    return succeeded(command, await this.bed.server.exec('unshare', args, { env, timeoutMs: 60_000 }));
  }

  /** A login over one family through a door that is shut, as a direct connect shows first. */
  async logIn(family: 4 | 6): Promise<void> {
    await this.shuts(family);
    // HostName of the command line is not in the configuration: only the alias leads to the door.
    const proxy = "ProxyCommand=knockproxy -- '%h' %p '%n'";
    const args = ['-o', `HostName=${this.address(family)}`, '-o', proxy, `${USER}@server`, 'echo in'];
    const result = await this.client.run('ssh', args);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
  }

  /** The same from cron: no home, a short PATH, no terminal. */
  async logInFromCron(): Promise<void> {
    await this.shuts(4);
    const args = ['-i', 'PATH=/usr/bin:/bin', 'setsid', '-w', 'ssh', `${USER}@server`, 'echo in'];
    const result = await this.client.run('/usr/bin/env', args);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
  }

  state(family: 4 | 6) {
    return this.bed.client.probe(this.address(family), 22, 150);
  }

  async shuts(family: 4 | 6): Promise<void> {
    await waitFor('the door to shut', async () => (await this.state(family)) === 'filtered');
  }

  /** What lies in root's home there. */
  leftOnServer(): string[] {
    return readdirSync(join(this.serverDir, 'home'));
  }

  /** Both ends' one-time sequences, used ones marked. */
  oneTimeFiles(): { client: string; server: string } {
    return {
      client: readFileSync(join(this.client.home, '.ssh/knock_one_time.server'), 'utf8'),
      server: readFileSync(this.serverOneTimeFile(), 'utf8'),
    };
  }

  private serverOneTimeFile(): string {
    const folder = join(this.serverDir, 'var-lib/knockproxy');
    return join(folder, readdirSync(folder).find((name) => name.endsWith('.one-time'))!);
  }

  close(): Promise<void> {
    return this.bed.close();
  }

  private get serverDir(): string {
    return join(this.bed.dir, 'server');
  }

  private address(family: 4 | 6): string {
    return family === 4 ? this.bed.server.ip : this.bed.server.ip6;
  }
}

/** The commands among the steps. */
function commandsOf(steps: string): string[] {
  return [...steps.matchAll(/^ {5}(\S.*)$/gm)].map(([, command]) => command!);
}

function succeeded(command: string, result: RunResult): RunResult {
  if (result.code !== 0) throw new Error(`${command}: ${result.code}\n${result.stderr}${result.stdout}`);
  return result;
}
