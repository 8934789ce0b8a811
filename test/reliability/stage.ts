import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bed, createBed, type Host, type Impairment, mustRun, type Sshd } from '../netns/index.ts';
import { type Door, type DoorKind, knockd } from './doors.ts';
import { type Login, type LoginOptions, PROGRAM, untilBanner } from './login.ts';

export interface StageOptions {
  /** Default: 20 ms round trip and nothing else. */
  readonly line?: Impairment;
  /** Default: the article's. */
  readonly door?: DoorKind;
  readonly clientsBehindRouter?: number;
  /** sshd's; the bed's default drops nobody. */
  readonly maxStartups?: string;
  /** More lines of knock_config. */
  readonly lines?: readonly string[];
}

/** Where a user's logins keep what they learn. */
export type Env = Record<'XDG_STATE_HOME' | 'XDG_RUNTIME_DIR', string>;

/** A bed with sshd behind a door, shut, and whatever counts what happens. */
export class Stage {
  private constructor(
    readonly bed: Bed,
    readonly sshd: Sshd,
    readonly door: Door,
    readonly sequence: DoorKind['sequence'],
    private readonly line: Impairment,
    /** A process in the server's namespace: its counters are in /proc. */
    private readonly serverPid: number,
  ) {}

  static async open(options: StageOptions = {}): Promise<Stage> {
    const { line = { delayMs: 10 }, door: kind = knockd(), clientsBehindRouter = 0, maxStartups } = options;
    const bed = await createBed({ wire: line, clientsBehindRouter });
    try {
      const sshd = await bed.server.sshd(maxStartups === undefined ? {} : { maxStartups });
      const door = await kind.start(bed.server);
      const { stdout } = await mustRun(['ip', 'netns', 'pids', bed.server.name]);
      const stage = new Stage(bed, sshd, door, kind.sequence, line, Number(stdout.split('\n')[0]));
      stage.configure(options.lines ?? []);
      return stage;
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  /** The program's command line up to HOST; `word` quotes nothing, no path here needs it. */
  get command(): readonly string[] {
    const { dir } = this.bed;
    return [process.execPath, PROGRAM, '-v', '-F', join(dir, 'none'), '--knock-config', join(dir, 'knock')];
  }

  /** Somebody who has never logged in. */
  newcomer(): Env {
    const dir = mkdtempSync(join(this.bed.dir, 'user-'));
    const env = { XDG_STATE_HOME: join(dir, 'state'), XDG_RUNTIME_DIR: join(dir, 'run') };
    for (const path of Object.values(env)) mkdirSync(path, { mode: 0o700 });
    return env;
  }

  /** Counted logins in turn by newcomers and by one who has been there before. */
  async halfByNewcomers(rounds: number): Promise<Login[]> {
    const regular = this.newcomer();
    const logins: Login[] = [];
    while (logins.length < rounds) {
      const isFirst = logins.length % 2 === 0;
      logins.push(await this.counted(isFirst ? this.newcomer() : regular));
    }
    return logins;
  }

  /** One login, not counted: several may run at once. */
  login(env: Env, options: LoginOptions = {}, client: Host = this.bed.client): Promise<Login> {
    const argv = [...this.command, this.bed.server.ip, '22', 'h', 'u'];
    return untilBanner(client, argv, { ...options, env });
  }

  /** One login through the shut door, with what it cost the server. The door is shut again afterwards. */
  async counted(env: Env, shut = () => this.door.shut()): Promise<Login> {
    const { server } = this.bed;
    const [synsBefore, connectionsBefore] = [await server.countSyn(22), this.connections()];
    const login = await this.login(env);
    await this.settle();
    const strays = this.connections() - connectionsBefore - Number(login.opened);
    const syns = (await server.countSyn(22)) - synsBefore;
    await shut();
    return { ...login, syns, strays };
  }

  /** Waits until nothing is on the line any more, and knockd has done what it has heard; then shuts the door. */
  async shut(): Promise<void> {
    await this.settle();
    await this.door.shut();
  }

  settle(): Promise<void> {
    const { delayMs = 0, jitterMs = 0 } = this.line;
    return delay(delayMs + jitterMs + 30);
  }

  /** Connections that sshd was given, those included that it finds closed: the kernel's PassiveOpens. */
  connections(): number {
    const lines = readFileSync(`/proc/${this.serverPid}/net/snmp`, 'utf8').match(/^Tcp: .*$/gm)!;
    const [names, values] = lines.map((line) => line.split(' ')) as [string[], string[]];
    return Number(values[names.indexOf('PassiveOpens')]);
  }

  close(): Promise<void> {
    return this.bed.close();
  }

  private configure(more: readonly string[]): void {
    const lines = ['Host *', `KnockSequence ${this.sequence.join(',')}`, ...more, ''];
    writeFileSync(join(this.bed.dir, 'knock'), lines.join('\n'), { mode: 0o600 });
    writeFileSync(join(this.bed.dir, 'none'), '', { mode: 0o600 });
  }
}
