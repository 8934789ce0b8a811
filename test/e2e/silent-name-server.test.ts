import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { REPOSITORY, type RunResult, waitFor } from '../netns/index.ts';
import type { Heard } from './child.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

/** Bound, and never read. */
const SILENT = `require('dgram').createSocket('udp4').bind(53, '127.0.0.1', () => console.log('listens'))`;
const IN_ITS_NETWORK = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
const NAME = 'silent.example';
const HOST = ['Host server', `  HostName ${NAME}`, '  BatchMode yes'];
const DOOR = ['Host server', `  ${KNOCK_SEQUENCE}`];
/** KnockTimeout in milliseconds, and what the end may take then on a busy machine; getaddrinfo(3) takes a minute. */
const LIMIT_MS = 1000;
const END_MS = 20_000;
const START_MS = 30_000;

describeBed('a name server that does not answer', () => {
  let scene: Scene;
  let resolvConf: string;
  beforeAll(async () => {
    scene = await Scene.open();
    resolvConf = join(scene.bed.dir, 'resolv.conf');
    writeFileSync(resolvConf, 'nameserver 127.0.0.1\noptions timeout:30 attempts:2\n');
    const server = scene.bed.client.spawn(process.execPath, ['-e', SILENT]);
    await new Promise((resolve) => server.stdout.once('data', resolve));
  });
  afterAll(() => scene?.close());
  beforeEach(() => {
    scene.person.write('config', [...HOST, '  ProxyCommand knockproxy %h %p %n']);
    scene.person.write('knock_config', [...DOOR, '  KnockCloseSequence 9', '  KnockTimeout 1']);
    scene.person.forget();
  });

  const argvFor = (argv: readonly string[]) => ['-c', IN_ITS_NETWORK, resolvConf, ...argv];
  const run = (...argv: string[]) => scene.person.run('sh', argvFor(argv), { timeoutMs: 40_000 });
  const spawn = (...argv: string[]) => scene.person.spawn('sh', argvFor(argv));

  function endedInTime({ code, signal, ms }: RunResult): void {
    expect(ms).toBeLessThan(LIMIT_MS + END_MS);
    // Before Node 22.15 the process cannot end with a status of its choice.
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major > 22 || (major === 22 && minor >= 15)) expect(code).toBeGreaterThan(0);
    else expect(signal).toBe('SIGTERM');
  }

  test.each([
    ['proxy', NAME, '22', 'server'],
    ['open', 'open', 'server'],
    ['open --verify', 'open', '--verify', 'server'],
    ['close', 'close', 'server'],
    ['knock', 'knock', 'server'],
  ])('is waited for until KnockTimeout: %s', async (_, ...argv) => {
    const result = await run('knockproxy', ...argv);
    expect(result.stderr).toMatch(
      /^knockproxy: error: could not resolve silent\.example: the name server did not answer/,
    );
    endedInTime(result);
  });

  test('is waited for until KnockTimeout: check, which says so', async () => {
    const result = await run('knockproxy', 'check', '--json', 'server');
    expect(JSON.parse(result.stdout).steps.at(-1).text).toMatch(/name server did not answer/);
    endedInTime(result);
  });

  test('is waited for until KnockTimeout where it is asked for KnockSpaAllow resolve', async () => {
    resolvesByName(1);
    const result = await run('knockproxy', scene.bed.server.ip, '22');
    expect(result.stderr).toMatch(
      /error: .* could not ask silent\.example for the public address: no answer within/,
    );
    endedInTime(result);
  });

  test('is waited for until ConnectTimeout, of which ssh says our reason', async () => {
    scene.person.write('knock_config', ['Host server master', `  ${KNOCK_SEQUENCE}`, '  KnockTimeout 60']);
    const block = (name: string, more: string) => [
      `Host ${name}`,
      `  HostName ${NAME}`,
      '  ConnectTimeout 10',
      `  ProxyCommand knockproxy %h %p %n ${more}`,
    ];
    scene.person.write('config', [...block('server', ''), ...block('master', '2>/dev/null')]);
    const [seen, told] = await Promise.all([run('ssh', 'server', 'true'), run('ssh', 'master', 'true')]);
    expect(seen.stderr).toContain('knockproxy: error: could not resolve silent.example');
    // In-band, as a ControlPersist master needs it.
    expect(told.stderr).toMatch(/Received disconnect .*knockproxy: error: could not resolve silent\.example/);
    await waitFor('its end', async () => (await scene.person.knockproxies()).length === 0, END_MS);
  });

  test('ssh that is gone is noticed', async () => {
    const ssh = spawn('ssh', 'server', 'true');
    await waitFor('knockproxy', async () => (await scene.person.knockproxies()).length === 1, START_MS);
    ssh.child.kill('SIGKILL');
    await waitFor('its end', async () => (await scene.person.knockproxies()).length === 0, END_MS);
    await ssh.end();
  });

  describe.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s', (signal) => {
    const none: string[] = [];
    test.each([
      ['a login', none, NAME],
      ['a login with a close sequence', ['KnockCloseSequence 9'], NAME],
    ])('ends %s', async (_, door, host) => {
      scene.person.write('knock_config', [...DOOR, ...door, 'KnockTimeout 60']);
      await endsBy(signal, spawn('knockproxy', host, '22', 'server'));
    });

    test('ends KnockSpaAllow resolve', async () => {
      resolvesByName(60);
      await endsBy(signal, spawn('knockproxy', scene.bed.server.ip, '22'));
    });

    test.each(['open', 'close', 'knock', 'check'])('ends %s', async (command) => {
      scene.person.write('knock_config', [...DOOR, 'KnockCloseSequence 9', 'KnockTimeout 60']);
      await endsBy(signal, spawn('knockproxy', command, 'server'));
    });
  });

  async function endsBy(signal: NodeJS.Signals, heard: Heard): Promise<void> {
    const asked = () => scene.bed.client.exec('ss', ['-Hunp', 'dst', '127.0.0.1:53']);
    const isAsked = async () => (await asked()).stdout.includes(`pid=${heard.child.pid},`);
    await waitFor('the question', isAsked, START_MS);
    const startedMs = performance.now();
    heard.child.kill(signal);
    expect(await heard.end()).toEqual({ code: null, signal });
    expect(performance.now() - startedMs).toBeLessThan(END_MS);
    expect(heard.stderr).toBe('');
  }

  /** A door that knows everything but our own address. */
  function resolvesByName(seconds: number): void {
    const key = join(scene.bed.dir, 'spa.keys');
    const base64 = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64');
    writeFileSync(key, `KEY_BASE64 ${base64(32)}\nHMAC_KEY_BASE64 ${base64(64)}\n`, { mode: 0o600 });
    scene.person.write('knock_config', [
      'Host *',
      `KnockSpaKeyFile ${key}`,
      `KnockSpaAllow resolve http://${NAME}/`,
      `KnockTimeout ${seconds}`,
    ]);
  }

  test('leaves a program that uses the library alone: timeoutMs and signal end the wait', async () => {
    const script = `
      const { openDoor, knock } = require(${JSON.stringify(join(REPOSITORY, 'dist/index.cjs'))});
      const began = Date.now();
      const ended = async (promise) => {
        const reason = await promise.catch((error) => error.message);
        return [reason, Date.now() - began < ${LIMIT_MS + END_MS}];
      };
      const door = { host: '${NAME}', sequence: '1,2,3' };
      const abort = () => AbortSignal.timeout(${LIMIT_MS / 2});
      Promise.all([
        ended(openDoor({ ...door, timeoutMs: ${LIMIT_MS} })),
        ended(openDoor({ ...door, signal: abort() })),
        ended(knock({ ...door, signal: abort() })),
      ]).then((all) => {
        console.log(JSON.stringify(all));
        setTimeout(() => {
          console.log('goes on');
          process.kill(process.pid, 'SIGTERM');
        }, 500);
      });`;
    const { stdout, stderr, signal } = await run(process.execPath, '-e', script);
    expect({ stderr, signal }).toEqual({ stderr: '', signal: 'SIGTERM' });
    const [told, last] = stdout.trim().split('\n');
    expect(JSON.parse(told!)).toEqual([
      [expect.stringMatching(/^could not resolve silent\.example: the name server did not answer/), true],
      ['The operation was aborted due to timeout', true],
      ['The operation was aborted due to timeout', true],
    ]);
    expect(last).toBe('goes on');
  });
}, ['ss']);
