import { randomInt } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneTimeSequences } from '../../src/generate/one-time-list.ts';
import { describeBed } from '../netns/describe.ts';
import { type RunResult, waitFor } from '../netns/index.ts';
import { MODES, Scene } from './scene.ts';

describeBed('KnockOneTimeFile and a knockd with the same file', () => {
  let scene: Scene;
  let client: string;
  const folder = mkdtempSync(join(tmpdir(), 'knockproxy-one-time-'));
  const server = join(folder, 'codes');

  beforeAll(async () => {
    write(server, 3);
    scene = await Scene.open({ doors: [{ oneTimeFile: server, cmdTimeoutS: 0 }] });
    client = join(scene.person.home, 'server.codes');
  });
  afterAll(async () => {
    await scene?.close();
    rmSync(folder, { recursive: true });
  });

  function write(file: string, lines: number): void {
    writeFileSync(file, oneTimeSequences((below) => randomInt(below), lines).text, { mode: 0o600 });
  }

  /** A new file for both ends, a knockd that reads it, and a door that is shut. */
  async function renew(lines: number): Promise<void> {
    write(server, lines);
    copyFileSync(server, client);
    await scene.shut();
  }

  const login = () => scene.person.run('ssh', ['server', 'true']);
  /** A login may still mark lines, or send some once more, while its session has ended. */
  async function shut(): Promise<void> {
    await waitFor('knockproxy to end', async () => (await scene.person.knockproxies()).length === 0);
    await scene.bed.server.firewall.article();
  }
  const used = (file: string) => marks(file).match(/^#/gm)?.length ?? 0;
  /** A line that was sent once more is marked apart until the next opening. */
  const marks = (file: string) => readFileSync(file, 'latin1').replaceAll('\t', ' ').replaceAll('\f', '#');

  function expectIn(...results: RunResult[]): void {
    const ends = results.map(({ code, stderr }) => ({ code, stderr }));
    expect(ends).toEqual(Array(results.length).fill({ code: 0, stderr: '' }));
  }

  async function expectAgreement(): Promise<void> {
    await waitFor('both files to be marked alike', () => marks(client) === marks(server), 2000);
  }

  describe.each(MODES)('by %s', (mode) => {
    test('one line an opening, whoever goes through it', async () => {
      scene.configure(mode, {}, ['KnockOneTimeFile ~/%n.codes']);
      await renew(30);
      const opened = scene.knockd.opened();
      for (let n = 1; n <= 5; n++) {
        expectIn(await login());
        expectIn(...(await Promise.all([login(), login(), login(), login()])));
        expectIn(await login());
        await expectAgreement();
        expect(used(client)).toBe(scene.knockd.opened() - opened);
        expect(used(client)).toBeGreaterThanOrEqual(n);
        await shut();
      }
    });

    test('a lost confirmation is made good, at both ends', async () => {
      scene.configure(mode, {}, ['KnockOneTimeFile ~/%n.codes']);
      await renew(30);
      expectIn(await login());
      await shut();
      const before = readFileSync(client);
      expectIn(await login());
      await shut();
      writeFileSync(client, before);
      expectIn(await login());
      await expectAgreement();
      expect(used(client)).toBeGreaterThanOrEqual(3);
      await shut();
      writeFileSync(client, marks(client).replace(/^ /m, '#'), 'latin1');
      expectIn(await login());
      await expectAgreement();
      await shut();
      expectIn(await login());
      await expectAgreement();
    });
  });

  test('100 logins in a row, some at once, some killed at random moments', async () => {
    scene.configure('relay', {}, ['KnockOneTimeFile ~/%n.codes']);
    await renew(200);
    const opened = scene.knockd.opened();
    let kills = 0;
    for (let n = 0; n < 100; n++) {
      const count = n % 10 === 0 ? 4 : 1;
      if (n % 3 === 1) kills += await loginAndKill(count);
      else expectIn(...(await Promise.all(Array.from({ length: count }, login))));
      await shut();
    }
    expect(kills).toBeGreaterThan(20);
    await sleep(300);
    await shut();
    expectIn(await login());
    await expectAgreement();
    expect(scene.knockd.opened() - opened).toBe(used(server));
    process.stderr.write(`one-time: ${used(server)} lines used, ${kills} logins killed\n`);
  }, 300_000);

  /** kill -9 before, in the middle of, or after the knocks and the connect. */
  async function loginAndKill(count: number): Promise<number> {
    const children = Array.from({ length: count }, () => scene.person.spawn('ssh', ['server', 'sleep 1']));
    const pids = await waitFor('knockproxy', async () => {
      const found = await scene.person.knockproxies();
      return found.length > 0 ? found : undefined;
    });
    await sleep(randomInt(450));
    for (const pid of pids) kill(pid);
    await sleep(randomInt(100));
    for (const { child } of children) child.kill();
    await Promise.all(children.map((child) => child.end()));
    await scene.person.leavesNothing();
    return pids.length;
  }

  test('is refused when others can read it, and at its end; the last line is never sent', async () => {
    scene.configure('relay', {}, ['KnockOneTimeFile ~/%n.codes']);
    await renew(3);
    chmodSync(client, 0o640);
    const refused = await login();
    expect(refused).toMatchObject({ code: 255 });
    expect(refused.stderr).toContain(`other users can access the sequences in ${client} (mode 0640)\n`);
    expect(refused.stderr).toContain(`hint: chmod 600 ${client}\n`);
    chmodSync(client, 0o600);
    for (const left of ['one one-time sequence is left', 'no one-time sequence is left']) {
      const { code, stderr } = await login();
      expect(code).toBe(0);
      expect(stderr).toContain(`knockproxy: warning: ${client}: ${left}`);
      await shut();
    }
    const over = await login();
    expect(over).toMatchObject({ code: 255 });
    expect(over.stderr).toContain(`line 2: no one-time sequence is left in ${client}\n`);
    expect(marks(client)).toMatch(/^#.*\n#.*\n \d.*\n$/);
  });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}
