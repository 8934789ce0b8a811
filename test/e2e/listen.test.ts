import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { example } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, DEBIAN_KNOCKD_CONF, waitFor } from '../netns/index.ts';
import type { Heard } from './child.ts';
import { KNOCK_SEQUENCE, keepsSecret } from './person.ts';
import { Scene } from './scene.ts';

const PORT = 5432;
const LOCAL = 15432;

/** Behind the door: writes how many bytes came once the client has sent all; breaks off where it is asked to. */
const SERVICE = `
  const sockets = new Set();
  require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
    let got = 0;
    process.stdout.write('accepted\\n');
    socket.on('data', (data) => {
      got += data.length;
      if (data.toString() === 'reset\\n') socket.resetAndDestroy();
    });
    socket.on('end', () => socket.end('got ' + got + '\\n'));
    socket.on('error', ({ code }) => process.stdout.write(code + '\\n'));
  }).listen(${PORT}, '::', () => process.stdout.write('ready\\n'));
`;

describeBed('knockproxy listen, for programs without ProxyCommand', () => {
  let scene: Scene;
  let service: { stdout: string };
  let listener: Heard | undefined;

  beforeAll(async () => {
    scene = await Scene.open({ doors: [{ name: 'db', port: PORT }] });
    const child = scene.bed.server.spawn(process.execPath, ['-e', SERVICE]);
    service = { stdout: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      service.stdout += text;
    });
    await waitFor('the service', () => service.stdout.includes('ready'));
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    configure(KNOCK_SEQUENCE);
    await scene.shut({ port: PORT });
    service.stdout = '';
  });
  afterEach(async () => {
    listener?.child.kill('SIGKILL');
    await listener?.end();
    listener = undefined;
  });

  const configure = (...lines: string[]) =>
    scene.person.write('knock_config', ['Host db', ...lines, 'Host db6', ...lines]);

  /** Starts the listener, for the server by its IPv4 address. */
  async function listen(...args: string[]): Promise<Heard> {
    const { bed, person } = scene;
    person.write('config', [`Host db\nHostName ${bed.server.ip}`, `Host db6\nHostName ${bed.server.ip6}`]);
    listener = person.spawn('knockproxy', args.length > 0 ? ['listen', ...args] : ['listen', ...usual]);
    await listener.says('listening on ');
    return listener;
  }
  const usual = [String(LOCAL), 'db', String(PORT)];

  /** What a client gets that sends a text and then nothing more. */
  const ask = (text: string, host = '127.0.0.1', port = LOCAL) =>
    scene.person.run('nc', ['-N', host, String(port)], { input: text });

  /** What so many clients at once get: an answer, or the code of an error. */
  async function crowd(count: number): Promise<string[]> {
    const program = `
      const net = require('node:net');
      const client = () => new Promise((resolve) => {
        let got = '';
        const socket = net.connect({ port: ${LOCAL}, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end('hello'));
        socket.on('data', (data) => { got += data; }).on('end', () => resolve(got)).on('error', ({ code }) => resolve(code));
      });
      Promise.all(Array.from({ length: ${count} }, client)).then((all) => console.log(JSON.stringify(all)));`;
    return JSON.parse((await scene.person.run(process.execPath, ['-e', program])).stdout);
  }

  /** Instead of knockd, a door that opens with the last knock, however busy the machine is. */
  const kernelDoor = () => scene.bed.server.firewall.nft(ARTICLE_SEQUENCE, { port: PORT });

  /** Sequences and SYNs to the hidden port that have arrived. */
  async function sent(): Promise<{ sequences: number; connects: number }> {
    const { syn } = await scene.bed.server.counts();
    const first = Number(ARTICLE_SEQUENCE[0]!.split(':')[0]);
    return { sequences: syn.get(first) ?? 0, connects: syn.get(PORT) ?? 0 };
  }

  test('nc gets through a door of knockd', async () => {
    await listen();
    expect(await ask('hello')).toMatchObject({ code: 0, stdout: 'got 5\n' });
  });

  test.each([
    ['127.0.0.1', 'db'],
    ['::1', 'db'],
    ['localhost', 'db6'],
  ])(
    'a client on %s gets through to %s: one sequence, one connection, its end passed on',
    async (host, to) => {
      await kernelDoor();
      const { stdout } = await listen(String(LOCAL), to, String(PORT));
      expect(stdout).toBe(`listening on 127.0.0.1:${LOCAL}\nlistening on [::1]:${LOCAL}\n`);
      expect(await sent()).toEqual({ sequences: 0, connects: 0 });
      expect(await ask('x'.repeat(300_000), host)).toMatchObject({ code: 0, stdout: 'got 300000\n' });
      expect(await sent()).toEqual({ sequences: 1, connects: 1 });
      expect(listener!.stderr).toBe('');
    },
  );

  test('20 clients at once cost one sequence and one connection each', async () => {
    await kernelDoor();
    await listen();
    expect(await crowd(20)).toEqual(Array(20).fill('got 5\n'));
    expect(await sent()).toEqual({ sequences: 1, connects: 20 });
    expect(service.stdout).toBe('accepted\n'.repeat(20));
  });

  test('a crowd before a door that stays shut is reset with one reason; the listener lives on', async () => {
    configure('KnockSequence 7100,7200,7300', 'KnockTimeout 1');
    await listen();
    expect(await crowd(10)).toEqual(Array(10).fill('ECONNRESET'));
    expect(listener!.stderr.match(/^knockproxy: error: .*$/gm)).toHaveLength(1);
    const { syn } = await scene.bed.server.counts();
    expect(syn.get(7100)).toBeLessThanOrEqual(8);
    configure(KNOCK_SEQUENCE);
    expect(await ask('hello')).toMatchObject({ stdout: 'got 5\n' });
  });

  test('a client that is gone ends its opening, and the next one opens', async () => {
    configure('KnockSequence 7100,7200,7300', 'KnockTimeout 60');
    await listen();
    const program = `const s = require('node:net').connect(${LOCAL}, '127.0.0.1');
      process.stdin.on('end', () => s.resetAndDestroy()).resume()`;
    const gone = scene.person.spawn(process.execPath, ['-e', program]);
    await waitFor('knocks', async () => (await scene.bed.server.countSyn(7300)) > 0);
    configure(KNOCK_SEQUENCE);
    const next = ask('hello');
    gone.child.stdin.end();
    expect(await next).toMatchObject({ stdout: 'got 5\n' });
    expect(listener!.stderr).toBe('');
  });

  test('an abort reaches the other end, both ways', async () => {
    await listen();
    const held = `const s = require('node:net').connect(${LOCAL}, '127.0.0.1', () => s.write(process.argv[1]));
      s.on('error', ({ code }) => console.log(code)); setTimeout(() => s.resetAndDestroy(), 1500)`;
    expect(await scene.person.run(process.execPath, ['-e', held, 'reset\n'])).toMatchObject({
      stdout: 'ECONNRESET\n',
    });
    await scene.person.run(process.execPath, ['-e', held, 'hello\n']);
    await waitFor('the reset', () => service.stdout.endsWith('ECONNRESET\n'));
  });

  test('SIGTERM closes the connections and exits with 0', async () => {
    await listen();
    const client = scene.person.spawn('nc', ['127.0.0.1', String(LOCAL)]);
    await waitFor('the connection', () => service.stdout.includes('accepted'), 10_000);
    listener!.child.kill('SIGTERM');
    expect(await listener!.end()).toEqual({ code: 0, signal: null });
    await client.end();
    expect(listener!.stderr).toBe('');
    await scene.person.leavesNothing();
  });

  test('port 0 is a free one on both addresses, and is printed', async () => {
    const { stdout } = await listen('0', 'db', String(PORT));
    const [, port] = /^listening on 127\.0\.0\.1:(\d+)\nlistening on \[::1\]:\1\n$/.exec(stdout)!;
    expect(await ask('hello', '::1', Number(port))).toMatchObject({ stdout: 'got 5\n' });
  });

  test('a port in use is one clear line; nothing listens then', async () => {
    await listen(`[::1]:${LOCAL}`, 'db', String(PORT));
    const second = await scene.person.run('knockproxy', ['listen', ...usual]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(
      /^knockproxy: error: \[::1\]:15432 is in use by another program\n.*hint.*\n$/,
    );
  });

  test.each(['0.0.0.0', '*', '[::]', '10.77.0.1'])(
    '%s is refused without --allow-others',
    async (address) => {
      const place = `${address}:${LOCAL}`;
      const refused = await scene.person.run('knockproxy', ['listen', place, 'db', String(PORT)]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain('--allow-others');
      await listen(place, 'db', String(PORT), '--allow-others');
      const reached = address === '[::]' ? scene.bed.client.ip6 : scene.bed.client.ip;
      expect(await ask('hello', reached)).toMatchObject({ stdout: 'got 5\n' });
    },
  );

  test('systemd starts examples/listen at the first client, and passes it the sockets', async () => {
    const { bed, person } = scene;
    const [sockets, service] = ['socket', 'service'].map((kind) => example(`listen/knockproxy-db.${kind}`));
    const places = [...sockets!.matchAll(/^ListenStream=(.*)$/gm)].map(([, place]) =>
      place!.replace('%t', bed.dir),
    );
    const [, start] = /^ExecStart=(.*)$/m.exec(service!)!;
    person.write('config', [`Host db.example\nHostName ${bed.server.ip}`]);
    person.write('knock_config', ['Host db.example', KNOCK_SEQUENCE]);
    mkdirSync(dirname(places[2]!));
    const activate = [
      'exec systemd-socket-activate',
      ...places.map((place) => `-l '${place}'`),
      '-E PATH -E HOME',
      start,
    ];
    listener = person.spawn('sh', ['-c', activate.join(' ')]);
    await waitFor('systemd-socket-activate', () => listener!.stderr.match(/Listening on/g)?.length === 3);
    expect(await ask('hello')).toMatchObject({ stdout: 'got 5\n' });
    expect(await ask('hello', '::1')).toMatchObject({ stdout: 'got 5\n' });
    expect(await person.run('nc', ['-NU', places[2]!], { input: 'hello' })).toMatchObject({
      stdout: 'got 5\n',
    });
    keepsSecret(listener.stderr);
  });

  test('systemd takes the units of examples/listen', async () => {
    const dir = scene.workDir();
    for (const kind of ['socket', 'service']) {
      const text = example(`listen/knockproxy-db.${kind}`).replace('=knockproxy ', '=/bin/true ');
      writeFileSync(`${dir}/knockproxy-db.${kind}`, text);
    }
    const units = [`${dir}/knockproxy-db.socket`, `${dir}/knockproxy-db.service`];
    const { code, stderr } = await scene.person.run('systemd-analyze', ['--man=no', 'verify', ...units]);
    expect({ code, stderr: stderr.split('\n').filter((line) => line.includes('knockproxy-db')) }).toEqual({
      code: 0,
      stderr: [],
    });
  });

  test('without a socket, the word systemd is refused', async () => {
    const refused = await scene.person.run('knockproxy', ['listen', 'systemd', 'db', String(PORT)]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('LISTEN_FDS') });
  });
}, ['nc', 'systemd-socket-activate']);

describeBed('knockproxy listen, before a door with a close sequence', () => {
  test('the door is shut behind each client, whose connection goes on', async () => {
    const scene = await Scene.open();
    try {
      const { bed, person } = scene;
      await bed.server.firewall.article();
      await scene.knockd.stop();
      await bed.server.knockd(DEBIAN_KNOCKD_CONF);
      const door = ['KnockSequence 7000,8000,9000', 'KnockCloseSequence 9000,8000,7000'];
      person.write('knock_config', [`Host ${bed.server.ip}`, ...door]);
      const listener = person.spawn('knockproxy', ['listen', '2222', bed.server.ip, '22']);
      await listener.says('listening');
      const options = ['-F', bed.sshConfig({ top: [] }), '-o', 'HostName=127.0.0.1', '-p', '2222'];
      const session = person.spawn('ssh', [...options, 'server', 'echo in; sleep 3; echo still here']);
      await session.says('in');
      await waitFor('the rule to go', async () => !(await isOpen()), 10_000);
      await session.says('still here');
      listener.child.kill('SIGINT');
      expect(await listener.end()).toEqual({ code: 0, signal: null });

      async function isOpen(): Promise<boolean> {
        const rules = await bed.server.firewall.rules('iptables', 'INPUT');
        return rules.some((rule) => rule.includes('--dport 22'));
      }
    } finally {
      await scene.close();
    }
  });
});
