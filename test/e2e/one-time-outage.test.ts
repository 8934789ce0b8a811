import { randomInt } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oneTimeSequences } from '../../src/generate/one-time-list.ts';
import { describeBed } from '../netns/describe.ts';
import { type RunResult, type Sshd, waitFor } from '../netns/index.ts';
import { Scene } from './scene.ts';

/** The server drops what sshd answers: knocks come through, and connects do not. */
const MUTE = ['-p', 'tcp', '--sport', '22', '-j', 'DROP'];

describeBed('a one-time door whose sshd cannot be reached for a while', () => {
  let scene: Scene;
  let sshd: Sshd | undefined;
  let client: string;
  const folder = mkdtempSync(join(tmpdir(), 'knockproxy-outage-'));
  const server = join(folder, 'codes');

  beforeAll(async () => {
    writeFileSync(server, '7001\n7002\n', { mode: 0o600 });
    // It shuts by itself, so that some logins find it shut again and some do not.
    scene = await Scene.open({ doors: [{ oneTimeFile: server, cmdTimeoutS: 1 }] });
    sshd = scene.sshd;
    client = join(scene.person.home, 'server.codes');
  });
  afterAll(async () => {
    await scene?.close();
    rmSync(folder, { recursive: true });
  });

  /** A new file for both ends, a door that is shut, and nothing learned. */
  async function renew(): Promise<void> {
    await ended();
    const { text } = oneTimeSequences((below) => randomInt(below), 80);
    for (const file of [server, client]) writeFileSync(file, text, { mode: 0o600 });
    await scene.shut();
  }

  const configure = (timeoutS: number) =>
    scene.configure('relay', {}, ['KnockOneTimeFile ~/%n.codes', `KnockTimeout ${timeoutS}`]);
  /** A login may send lines once more while its session has ended. */
  const ended = () =>
    waitFor('knockproxy to end', async () => (await scene.person.knockproxies()).length === 0);
  const login = () => scene.person.run('ssh', ['server', 'true']);
  const check = () => scene.person.run('knockproxy', ['check', 'server']);
  const used = (file: string) => readFileSync(file, 'latin1').match(/^#/gm)?.length ?? 0;
  /** Lines that the client does not take for fresh any more. */
  const known = (file: string) => readFileSync(file, 'latin1').match(/^[#\f\t]/gm)?.length ?? 0;

  /** Logins and checks in turn, none of which gets in, until the door is shut again. */
  async function failTimes(count: number): Promise<RunResult[]> {
    const results: RunResult[] = [];
    configure(2);
    for (let n = 0; n < count; n++) {
      results.push(await (n % 3 === 2 ? check() : login()));
      await sleep(n % 2 === 0 ? 0 : 1200);
    }
    for (const { code } of results) expect(code).not.toBe(0);
    await sleep(1500);
    return results;
  }

  async function expectInByTheSecondLogin(): Promise<void> {
    configure(8);
    const ends = [await login()];
    if (ends[0]!.code !== 0) ends.push(await login());
    expect(ends.at(-1)).toMatchObject({ code: 0, stderr: '' });
    await ended();
    expect(known(client)).toBeGreaterThanOrEqual(used(server));
    await scene.shut();
    expect(await login()).toMatchObject({ code: 0 });
  }

  test.each([1, 4, 20])(
    'is open by the second login after %i logins and checks without sshd',
    async (count) => {
      await renew();
      await sshd!.stop();
      const results = await failTimes(count);
      expect(results[0]!.stderr).toMatch(
        /^knockproxy: error: 10\.77\.0\.2 port 22: the door opens, but nothing listens on this port /m,
      );
      expect(results[0]!.stderr).toMatch(/^knockproxy: hint: start sshd on the server/m);
      expect(used(client)).toBeGreaterThan(0);
      sshd = await scene.bed.server.sshd();
      await expectInByTheSecondLogin();
    },
    120_000,
  );

  test.each([1, 4, 9])(
    'is open by the second login after %i logins and checks without an answer',
    async (count) => {
      await renew();
      await scene.bed.server.must('iptables', ['-A', 'OUTPUT', ...MUTE]);
      const results = await failTimes(count);
      expect(results[0]!.stderr).toMatch(/^knockproxy: error: 10\.77\.0\.2 port 22 stayed shut: /m);
      expect(results[0]!.stderr).toMatch(
        /^knockproxy: hint: .* replace this file with a copy of the server's$/m,
      );
      await scene.bed.server.must('iptables', ['-D', 'OUTPUT', ...MUTE]);
      await expectInByTheSecondLogin();
    },
    120_000,
  );

  test('is open again once the server has its file copied over, as the error says', async () => {
    await renew();
    configure(8);
    const lines = readFileSync(server, 'latin1').split('\n');
    writeFileSync(server, lines.map((line, n) => (n < 60 ? line.replace(' ', '#') : line)).join('\n'));
    await scene.shut();
    expect(await login()).toMatchObject({ code: 255 });
    copyFileSync(server, client);
    expect(await login()).toMatchObject({ code: 0, stderr: '' });
  });
});
