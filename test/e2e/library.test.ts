import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import {
  ARTICLE_SEQUENCE,
  createBed,
  DEBIAN_KNOCKD_CONF,
  REPOSITORY,
  type RunOptions,
  waitFor,
} from '../netns/index.ts';
import { USER } from './person.ts';
import { Scene } from './scene.ts';

const SEQUENCE = ARTICLE_SEQUENCE.join(',');
const TSX = join(REPOSITORY, 'node_modules/tsx/dist/loader.mjs');

/** What the scripts below begin with; their options come on stdin, because a sequence is a secret. */
const HEAD = `
  import { readFileSync } from 'node:fs';
  import { knock, KnockproxyError, openConfiguredDoor, openDoor } from 'knockproxy';
  const options = JSON.parse(readFileSync(0, 'utf8'));
  const banner = (socket) => new Promise((resolve, reject) => {
    socket.on('error', reject).once('data', (bytes) => resolve(String(bytes).slice(0, 8)) ?? socket.destroy()).resume();
  });
`;

describeBed('the library', () => {
  let scene: Scene;
  let folder: string;
  beforeAll(async () => {
    scene = await Scene.open();
    folder = makeApp(scene.bed.dir);
    cpSync(join(REPOSITORY, 'examples/library/login.ts'), join(folder, 'login.ts'));
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.shut());

  const node = (argv: string[], options: RunOptions) =>
    scene.person.run(process.execPath, argv, { cwd: folder, timeoutMs: 30_000, ...options });

  /** Runs a program that uses the library, and gives what it printed. */
  async function runScript(body: string, given: object = {}): Promise<string> {
    writeFileSync(join(folder, 'script.mjs'), HEAD + body);
    const options = { host: scene.bed.server.ip, sequence: SEQUENCE, ...given };
    const result = await node(['script.mjs'], { input: JSON.stringify(options) });
    expect(result).toMatchObject({ stderr: '', code: 0 });
    return result.stdout.trim();
  }

  test('logs in with ssh2, as the example shows', async () => {
    const { server, keys } = scene.bed;
    const argv = ['--import', TSX, 'login.ts', server.ip, USER, keys.user, 'echo $SSH_CONNECTION'];
    const result = await node(argv, { input: SEQUENCE });
    expect(result).toMatchObject({ stderr: '', code: 0 });
    expect(result.stdout).toMatch(/^10\.77\.0\.1 \d+ 10\.77\.0\.2 22\n$/);
    expect(scene.news()).toEqual({ connections: 1, logins: 1 });
  });

  test('opens what the user has configured, and connects where there is no door', async () => {
    scene.configure('relay', { hostName: 'dual.example' });
    const open = `console.log(await banner(await openConfiguredDoor('server', options.how)));`;
    expect(await runScript(open, { how: { family: 6 } })).toBe('SSH-2.0-');
    await scene.bed.server.must('iptables', ['-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT']);
    const plain = { family: 4, knockConfig: 'none' };
    expect(await runScript(open, { how: plain })).toBe('SSH-2.0-');
    expect((await scene.bed.server.counts()).udp.get(18101)).toBe(1);
  });

  test('tells of a door that stays shut, without a port of the sequence', async () => {
    const wrong = SEQUENCE.replace('41373', '41374');
    const told = await runScript(
      `await openDoor(options).catch((error) => console.log(JSON.stringify({
         known: error instanceof KnockproxyError, ...error, message: error.message, stack: error.stack })));`,
      { sequence: wrong, timeoutMs: 600 },
    );
    const { known, message, exitCode, hints } = JSON.parse(told);
    expect({ known, exitCode }).toEqual({ known: true, exitCode: 1 });
    expect(message).toMatch(/^10\.77\.0\.2 port 22 stayed shut: \d+ attempts? in [\d.]+ s, no answer$/);
    expect(hints[0]).toContain('sequence or its order may be wrong');
    expect(told).not.toContain('41374');
  });

  test('uses a one-time sequence up', async () => {
    const file = join(scene.bed.dir, 'one-time');
    writeFileSync(file, `${SEQUENCE}\n1,2,3\n4,5,6\n`, { mode: 0o600 });
    scene.configure('relay', {}, [`KnockOneTimeFile ${file}`]);
    const body = `
      const onWarning = (text) => console.log(text.replace(/.*: /, ''));
      console.log(await banner(await openConfiguredDoor('server', { onWarning })));`;
    expect(await runScript(body)).toBe('one one-time sequence is left\nSSH-2.0-');
    expect(readFileSync(file, 'utf8').split('\n')[0]).toMatch(/^#/);
  });

  test('gives up after its time where there is no door and no answer', async () => {
    const body = `
      const how = { knockConfig: 'none', configFile: 'none', timeoutMs: 500 };
      await openConfiguredDoor(options.host, how).catch(({ message }) => console.log(message));`;
    expect(await runScript(body)).toBe('could not connect to 10.77.0.2 port 22: no answer (ETIMEDOUT)');
  });

  test.each([
    ['while it knocks', 'openDoor', { delayMs: 20_000 }],
    ['while it waits for the door', 'openDoor', { sequence: '41373' }],
    ['while it connects without a door', 'openConfiguredDoor', {}],
    ['while it only knocks', 'knock', { delayMs: 20_000 }],
  ])('is broken off %s, and lets the program end', async (_, name, given) => {
    const told = await runScript(
      `const why = new Error('enough');
       const breaker = new AbortController();
       setTimeout(() => breaker.abort(why), 300);
       const startedMs = performance.now();
       const signal = breaker.signal;
       const opening = options.name === 'openConfiguredDoor'
         ? openConfiguredDoor(options.host, { signal, knockConfig: 'none', configFile: 'none' })
         : (options.name === 'knock' ? knock : openDoor)({ ...options, signal });
       const error = await opening.then(() => undefined, (error) => error);
       console.log(error === why, Math.round(performance.now() - startedMs));
       process.on('exit', () => console.log(Math.round(performance.now() - startedMs)));`,
      { name, ...given },
    );
    const [, isWhy, rejectedMs, endedMs] = /^(\w+) (\d+)\n(\d+)$/.exec(told)!;
    expect(isWhy).toBe('true');
    expect(Number(rejectedMs)).toBeLessThan(1500);
    expect(Number(endedMs)).toBeLessThan(2500); // the last SYN is kept for 0.9 s
  });

  test('opens many doors at once in one process by one sequence', async () => {
    const body = `
      const sockets = await Promise.all(Array.from({ length: 8 }, () => openDoor(options)));
      console.log(await Promise.all(sockets.map(banner)).then((all) => all.join()));`;
    expect(await runScript(body)).toBe(Array(8).fill('SSH-2.0-').join());
    const { udp } = await scene.bed.server.counts();
    expect(udp.get(18101)).toBeLessThanOrEqual(2);
  });

  test('opens again in a process that lives on, as soon as it did at first', async () => {
    const { server } = scene.bed;
    const body = `
      const { execFileSync } = await import('node:child_process');
      await new Promise((resolve) => setTimeout(resolve, 4000));
      const open = async () => {
        const startedMs = performance.now();
        await banner(await openDoor(options));
        console.log(Math.round(performance.now() - startedMs));
      };
      await open();
      execFileSync('nsenter', options.shut);
      await new Promise((resolve) => setTimeout(resolve, 3500)); // longer than a burst of logins
      await open();`;
    const shut = [...server.prefix.slice(1), 'iptables', '-D', 'INPUT', '1'];
    const times = (await runScript(body, { shut })).split('\n').map(Number);
    expect(times).toHaveLength(2);
    expect(Math.max(...times)).toBeLessThan(1400); // waiting in vain for a door opened before takes 1.5 s
    expect(scene.news().connections).toBe(2);
  });

  test('keeps nothing when it is not to learn', async () => {
    const files = async () => (await scene.person.run('find', [scene.person.home, '-name', '*.json'])).stdout;
    const body = `await banner(await openDoor(options)); console.log('open');`;
    expect(await runScript(body, { learn: false })).toBe('open');
    expect(await files()).toBe('');
    await scene.shut();
    expect(await runScript(body)).toBe('open');
    expect(await files()).toMatch(/^\S+\.json\n$/);
  });

  test('only knocks', async () => {
    const { server, client } = scene.bed;
    expect(await runScript(`await knock(options); console.log('knocked');`)).toBe('knocked');
    await waitFor('the door to open', async () => (await client.probe(server.ip, 22)) === 'open', 5000);
  });
});

describeBed('the library, at a door with a close sequence', () => {
  test('shuts it behind the login, and the session goes on', async () => {
    await using bed = await createBed();
    const { server, client } = bed;
    await Promise.all([server.sshd(), server.knockd(DEBIAN_KNOCKD_CONF)]);
    await server.firewall.article();
    const folder = makeApp(bed.dir);
    const body = `
      const socket = await openDoor(options);
      console.log(await new Promise((resolve) => socket.once('data', (bytes) => resolve(String(bytes).slice(0, 8)))
        .resume()));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      console.log(socket.readable && socket.writable);
      socket.destroy();`;
    writeFileSync(join(folder, 'script.mjs'), HEAD + body);
    const options = { host: server.ip, sequence: '7000,8000,9000', closeSequence: '9000,8000,7000' };
    const input = JSON.stringify(options);
    const result = await client.exec(process.execPath, ['script.mjs'], { cwd: folder, input });
    expect(result).toMatchObject({ stderr: '', stdout: 'SSH-2.0-\ntrue\n', code: 0 });
    const open = (await server.firewall.rules()).filter((rule) => rule.includes('--dport 22'));
    expect(open).toEqual([]);
  });
});

/** A program's folder with both packages installed, the built one and ssh2. */
function makeApp(dir: string): string {
  const folder = join(dir, 'app');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(REPOSITORY, join(folder, 'node_modules/knockproxy'));
  symlinkSync(join(REPOSITORY, 'node_modules/ssh2'), join(folder, 'node_modules/ssh2'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}
