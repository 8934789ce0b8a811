import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Person } from '../e2e/person.ts';
import type { RunResult } from '../netns/run.ts';
import { MACHINE, Machine, type MachineOptions } from './machine.ts';

export const HOST = 'server.example';

/** A machine that boots, and a person who reaches it by ssh. */
export class Site {
  readonly person: Person;
  private readonly namesBefore: readonly string[];

  static async open(options: MachineOptions = {}, user = 'root'): Promise<Site> {
    return new Site(await Machine.create(options), user);
  }

  private constructor(
    readonly machine: Machine,
    readonly user: string,
  ) {
    const home = join(machine.dir, 'person');
    mkdirSync(home);
    this.person = new Person(machine.client, home, [`${MACHINE.ip} ${HOST}`, `${MACHINE.ip6} ${HOST}`]);
    this.configure();
    this.namesBefore = this.namesThere();
  }

  /** @param lines of the Host block, first. */
  configure(lines: readonly string[] = []): void {
    const { keys, sshPort } = this.machine;
    this.person.write('config', [
      `Host ${HOST}`,
      ...lines.map((line) => `  ${line}`),
      ...(sshPort === 22 ? [] : [`  Port ${sshPort}`]),
      `  User ${this.user}`,
      'Host *',
      ...[`IdentityFile ${keys.user}`, 'IdentitiesOnly yes', 'IdentityAgent none', 'BatchMode yes'],
      ...[`UserKnownHostsFile ${keys.knownHosts}`, 'GlobalKnownHostsFile /dev/null', 'UpdateHostKeys no'],
    ]);
  }

  /** A command line of the person's, in their home. */
  client(command: string, timeoutMs = 120_000): Promise<RunResult> {
    return this.person.run('sh', ['-c', command], { cwd: this.person.home, timeoutMs });
  }

  async mustClient(command: string): Promise<RunResult> {
    return succeeded(command, await this.client(command));
  }

  /** Makes the door's files, sets this machine up and copies the server's half, as the printed steps say. */
  async generate(options = ''): Promise<void> {
    const { stdout } = await this.mustClient(
      `rm -rf door && knockproxy generate ${HOST} --out door --add --force --yes ${options}`,
    );
    const [copy] = commandsOf(stdout);
    await this.mustClient(copy!);
  }

  /** In the terminal that is logged in from before: past the door. */
  firstTerminal(command: string): Promise<RunResult> {
    return this.client(`ssh -S none -o ProxyCommand=none ${HOST} '${command}'`);
  }

  async mustFirstTerminal(command: string): Promise<RunResult> {
    return succeeded(command, await this.firstTerminal(command));
  }

  /** A command that is run there without any login, as on a console. */
  console(command: string): Promise<RunResult> {
    return this.machine.exec(`cd /${this.user === 'root' ? 'root' : `home/${this.user}`} && ${command}`);
  }

  /** A new login through the door. */
  logIn(command = 'echo in'): Promise<RunResult> {
    return this.client(`ssh -S none ${HOST} '${command}'`);
  }

  /** generate, install, prove, keep. */
  async setUp(options = ''): Promise<void> {
    await this.generate(options);
    await this.mustFirstTerminal('sh door/install.sh');
    succeeded('login', await this.logIn());
    succeeded('keep', await this.console('sh door/install.sh keep'));
  }

  /** What a connect to the hidden port gets, without a knock. */
  port(family: 4 | 6 = 4): Promise<'open' | 'refused' | 'filtered'> {
    return this.machine.client.probe(family === 4 ? MACHINE.ip : MACHINE.ip6, this.machine.sshPort, 1500);
  }

  /** What was added to the home of the user who logs in there. */
  homeThere(): string[] {
    return this.namesThere().filter((name) => !this.namesBefore.includes(name));
  }

  private namesThere(): string[] {
    const home = join(this.machine.root, this.user === 'root' ? 'root' : `home/${this.user}`);
    return existsSync(home) ? readdirSync(home) : [];
  }

  close(): Promise<void> {
    return this.machine.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The commands among printed steps. */
export function commandsOf(steps: string): string[] {
  return [...steps.matchAll(/^ {5}(\S.*)$/gm)].map(([, command]) => command!);
}

export function succeeded(command: string, result: RunResult): RunResult {
  if (result.code !== 0) throw new Error(`${command}: ${result.code}\n${result.stderr}${result.stdout}`);
  return result;
}
