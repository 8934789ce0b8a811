import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, mustRun, REPOSITORY, type RunOptions, waitFor } from '../netns/index.ts';
import { MODES, Scene } from './scene.ts';

/** A person whose programs in Node find another platform: a file of test/platforms is loaded into each before them. */
class Elsewhere {
  private constructor(
    readonly scene: Scene,
    private readonly preload: string,
  ) {}

  static async open(preload: string): Promise<Elsewhere> {
    return new Elsewhere(await Scene.open(), join(REPOSITORY, 'test/platforms', preload));
  }

  get env() {
    return { NODE_OPTIONS: `--require ${this.preload}`, PRETEND_LOG: this.log };
  }

  ssh(command: string, options: RunOptions = {}) {
    return this.scene.person.run('ssh', ['server', command], { ...options, env: this.env });
  }

  /** What was asked for in vain. */
  denied(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '';
  }

  /** Shuts the door; the person keeps what they have learned. */
  async shutAgain(): Promise<void> {
    await this.scene.knockd.restart();
    await this.scene.bed.server.firewall.article();
    this.scene.news();
  }

  learned(): string[] {
    const folder = join(this.scene.person.home, '.local/state/knockproxy');
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  }

  async start(): Promise<void> {
    rmSync(this.log, { force: true });
    await this.scene.shut();
  }

  /** A first login learns the door, a second one, through the door shut again, uses that. */
  async logsInTwice(): Promise<void> {
    expect(await this.ssh('echo in')).toMatchObject({ stdout: 'in\n', stderr: '', code: 0 });
    expect(this.learned()).toHaveLength(1);
    await this.shutAgain();
    expect(await this.ssh('echo in')).toMatchObject({ stdout: 'in\n', stderr: '', code: 0 });
    expect(this.scene.news()).toEqual({ connections: 1, logins: 1 });
  }

  async logsInAtOnce(count: number): Promise<void> {
    const results = await Promise.all(Array.from({ length: count }, () => this.ssh('true')));
    expect(results.map(({ code }) => code)).toEqual(Array(count).fill(0));
  }

  async carries(bytes: number): Promise<void> {
    const dir = this.scene.workDir();
    writeFileSync(join(dir, 'there'), randomBytes(bytes));
    const copy = `ssh server 'cat; sleep 0.1' <${dir}/there >${dir}/back`;
    const copied = await this.scene.person.run('sh', ['-c', copy], { env: this.env });
    expect(copied).toMatchObject({ stderr: '', code: 0 });
    await mustRun(['cmp', `${dir}/there`, `${dir}/back`]);
  }

  async tellsWhy(): Promise<void> {
    this.scene.configure('relay', {}, ['KnockSequence 41374', 'KnockTimeout 0.7']);
    const { code, stderr } = await this.ssh('true');
    expect(code).toBe(255);
    expect(stderr).toMatch(/^knockproxy: error: 10\.77\.0\.2 port 22 stayed shut: .*, no answer\n/);
  }

  close(): Promise<void> {
    return this.scene.close();
  }

  private get log(): string {
    return join(this.scene.bed.dir, 'denied');
  }
}

describeBed('without what only Linux has', () => {
  let there: Elsewhere;
  beforeAll(async () => {
    there = await Elsewhere.open('without-linux.cjs');
  });
  afterAll(() => there?.close());
  beforeEach(() => there.start());

  test.each(MODES)('a door opens, and again, by %s', async (mode) => {
    there.scene.configure(mode);
    await there.logsInTwice();
    expect(there.denied()).toContain('/etc/machine-id\n');
  });

  test.each(MODES)('logins take turns by %s: one knocks for all', async (mode) => {
    there.scene.configure(mode);
    await there.logsInAtOnce(8);
    const { udp } = await there.scene.bed.server.counts();
    expect(udp.get(18101)).toBeLessThanOrEqual(2);
  });

  test('a relay carries what it is given', async () => {
    there.scene.configure('relay');
    await there.carries(5_000_000);
  });

  test('no process is left when ssh ends while a program asks for the sequence', async () => {
    const { person, bed } = there.scene;
    const program = join(bed.dir, 'pass');
    writeFileSync(program, '#!/bin/sh\necho $$ >"$0.pid"\nsleep 60\n', { mode: 0o755 });
    there.scene.configure('relay', {}, [`KnockSequenceCommand ${program}`]);
    const ssh = person.spawn('ssh', ['server', 'true'], there.env);
    let pid = '';
    const hasStarted = () => {
      pid = existsSync(`${program}.pid`) ? readFileSync(`${program}.pid`, 'utf8').trim() : '';
      return pid !== '';
    };
    await waitFor('the program', hasStarted, 10_000);
    ssh.child.kill('SIGKILL');
    await waitFor('its end', () => !existsSync(`/proc/${pid}`), 5000);
    expect(there.denied()).toContain('/proc');
  });

  test('a one-time sequence is used once', async () => {
    const file = join(there.scene.bed.dir, 'one-time');
    const lines = [ARTICLE_SEQUENCE.join(','), '1,2,3', '4,5,6'];
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    there.scene.configure('relay', {}, [`KnockOneTimeFile ${file}`]);
    expect(await there.ssh('true')).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8').split('\n')[0]).toMatch(/^#/);
  });

  test('a door that stays shut is told of', () => there.tellsWhy());
});

describeBed('without what Windows has not', () => {
  let there: Elsewhere;
  beforeAll(async () => {
    there = await Elsewhere.open('without-posix.cjs');
  });
  afterAll(() => there?.close());
  beforeEach(async () => {
    await there.start();
    there.scene.configure('relay');
    chmodSync(join(there.scene.person.home, '.ssh/knock_config'), 0o666);
  });

  test('a door opens, and again', () => there.logsInTwice());

  test('logins at once open it without turns', () => there.logsInAtOnce(3));

  test('a relay carries what it is given', () => there.carries(5_000_000));

  test('a door that stays shut is told of', () => there.tellsWhy());
});
