import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { example } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import { REPOSITORY, waitFor } from '../netns/index.ts';
import { MODES } from './scene.ts';
import { KEYS, LISTEN, SEND, SPA_PORT, SpaScene, stanza, WRONG_KEYS } from './spa-scene.ts';

const SOURCE = 'ALLOW_IP source';
const SECRETS = Object.values({ ...KEYS, wrong: WRONG_KEYS.keyBase64, wrongHmac: WRONG_KEYS.hmacKeyBase64 });

describeBed('a door of fwknopd', () => {
  let scene: SpaScene;
  beforeAll(async () => {
    scene = await SpaScene.open();
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    scene.person.forget();
    scene.home('.fwknoprc', ['[server]', ...stanza(), SOURCE]);
    scene.home('keys', [`KEY_BASE64: ${KEYS.keyBase64}`, `HMAC_KEY_BASE64: ${KEYS.hmacKeyBase64}`]);
    await scene.shut();
    expect(await scene.bed.client.probe(scene.bed.server.ip, 22, 120)).toBe('filtered');
    await scene.bed.server.resetCounts();
  });

  const login = () => scene.person.run('ssh', ['server', 'echo in']);
  const IN = { code: 0, stdout: 'in\n', stderr: '' };

  describe.each(MODES)('by %s', (mode) => {
    test.each([
      ['the stanza of ~/.fwknoprc named like the host', ['KnockSpa yes']],
      ['a key file', ['KnockSpaKeyFile ~/keys']],
    ])('opens by %s', async (_, door) => {
      scene.configure(mode, door);
      expect(await login()).toMatchObject(IN);
      expect(await scene.bed.server.countUdp(SPA_PORT)).toBe(1);
    });
  });

  test.each(['spa', 'keys', 'store'])('examples/fwknop: %s.example', async (name) => {
    const { person, bed } = scene;
    const rc = example('fwknop/fwknoprc')
      .replace(/^#.*\n/, '')
      .replace(`[${name}.example]`, '[server]')
      .replaceAll(/^SPA_SERVER .*$/gm, `SPA_SERVER ${bed.server.ip}`)
      .replace(/^KEY_BASE64 .*\nHMAC_KEY_BASE64 .*$/m, stanza().join('\n'));
    scene.home('.fwknoprc', [rc]);
    scene.home('.ssh/keys.example', stanza());
    const [first, second] = stanza();
    const pass = `#!/bin/sh\n[ "$*" = 'show spa/server' ] && printf '${first}\\n${second}\\n'\n`;
    writeFileSync(join(person.bin, 'pass'), pass, { mode: 0o755 });
    const [, block = ''] = example('fwknop/knock_config').split(`Host ${name}.example\n`);
    scene.configure('relay', [block.split('\n\n')[0]!.trimEnd()]);
    expect(await login()).toMatchObject(IN);
    expect(await bed.server.countUdp(SPA_PORT)).toBe(1);
  });

  test('opens for a program that uses the library', async () => {
    scene.configure('relay', ['KnockSpa yes']);
    const script = `require('${REPOSITORY}').openConfiguredDoor('server').then((socket) =>
      socket.once('data', (bytes) => socket.destroy(console.log(bytes.toString('latin1', 0, 8)))).resume())`;
    const opened = await scene.person.run(process.execPath, ['-e', script]);
    expect(opened).toMatchObject({ stdout: 'SSH-2.0-\n', stderr: '', code: 0 });
    expect(await scene.bed.server.countUdp(SPA_PORT)).toBe(1);
  });

  test('opens by a stanza of another name, over [default]', async () => {
    scene.home('.fwknoprc', [
      '[default]',
      SOURCE,
      'HMAC_DIGEST_TYPE sha256',
      '[Work]',
      ...stanza().map((line) => line.replace(' ', ': ')),
    ]);
    scene.configure('relay', ['KnockSpa work']);
    expect(await login()).toMatchObject(IN);
  });

  test.each([
    ['its own address', ['KnockSpaAllow 10.77.0.1']],
    ['two ports', ['KnockSpaAccess udp/53,tcp/22']],
  ])('opens for %s', async (_, lines) => {
    scene.configure('relay', ['KnockSpa server', ...lines]);
    expect(await login()).toMatchObject(IN);
  });

  test('opens for the address that a URL answers with', async () => {
    const answer =
      "require('http').createServer((q, r) => r.end('10.77.0.1\\n')).listen(8080, () => console.log('ready'))";
    const server = scene.person.spawn(process.execPath, ['-e', answer]);
    await server.says('ready');
    scene.configure('relay', ['KnockSpa server', 'KnockSpaAllow resolve http://127.0.0.1:8080/ip']);
    expect(await login()).toMatchObject(IN);
    expect((await scene.letIn())[0]).toContain('-s 10.77.0.1/32');
    server.child.kill();
    await server.end();
  });

  test('takes the keys from a program, over those of the stanza', async () => {
    const keys = join(scene.bed.dir, 'keys.sh');
    const printed = stanza().map((line) => `echo '${line}'`);
    writeFileSync(keys, ['#!/bin/sh', '[ "$1" = server ] || exit 1', ...printed, ''].join('\n'), {
      mode: 0o755,
    });
    const command = `KnockSpaKeyCommand ${keys} %n`;
    scene.configure('relay', ['KnockSpa yes', command]);
    scene.home('.fwknoprc', ['[server]', 'ACCESS tcp/22', SOURCE, ...stanza(WRONG_KEYS)]);
    expect(await login()).toMatchObject(IN);
    await scene.shut();
    scene.home('.fwknoprc', ['[another]', ...stanza(WRONG_KEYS)]);
    expect(await login()).toMatchObject(IN);
    const { stdout } = await scene.person.run('knockproxy', ['list']);
    expect(stdout).toMatch(/^server +spa /m);
  });

  test('asks for the time it stays open', async () => {
    scene.configure('relay', ['KnockSpa server', 'KnockSpaTimeout 3']);
    expect(await login()).toMatchObject(IN);
    const [rule] = await scene.letIn();
    const leftS = Number(/_exp_(\d+)/.exec(rule!)![1]) - Date.now() / 1000;
    expect(leftS).toBeGreaterThan(0);
    expect(leftS).toBeLessThan(4);
  });

  test('by local NAT: another port leads to sshd', async () => {
    const nat = ['ACCESS tcp/22', 'NAT_LOCAL Y', 'NAT_PORT 2222', 'NAT_ACCESS 10.77.0.2,22'];
    scene.home('.fwknoprc', ['[server]', ...stanza(), SOURCE, ...nat]);
    scene.configure('relay', ['KnockSpa server'], 2222);
    expect(await login()).toMatchObject(IN);
  });

  test('by NAT: asks for a way to a machine behind it', async () => {
    scene.home('.fwknoprc', ['[server]', ...stanza(), SOURCE, 'NAT_ACCESS 10.99.0.7,2022', 'FW_TIMEOUT 9']);
    scene.configure('relay', ['KnockSpa server', 'KnockTimeout 1']);
    await login();
    const rule = /-s 10\.77\.0\.1\/32 .*--dport 22 .*--to-destination 10\.99\.0\.7:2022$/m;
    const rules = () => scene.bed.server.must('iptables', ['-t', 'nat', '-S', 'FWKNOP_PREROUTING']);
    await waitFor('the way', async () => rule.test((await rules()).stdout), 3000);
  });

  test('sends no bytes twice, and those of an earlier packet do not open', async () => {
    const { client, server } = scene.bed;
    scene.configure('relay', ['KnockSpa server', 'KnockTimeout 1.5', `KnockHost 127.0.0.1`]);
    const listener = scene.person.spawn(process.execPath, ['-e', LISTEN, String(SPA_PORT), '2500']);
    await listener.says('ready');
    expect((await login()).code).toBe(255);
    await listener.end();
    const [, ...packets] = listener.stdout.trim().split('\n');
    expect(packets.length).toBeGreaterThan(1);
    expect(new Set(packets).size).toBe(packets.length);
    expect(await scene.letIn()).toEqual([]);
    const send = () => client.must(process.execPath, ['-e', SEND, server.ip, String(SPA_PORT), packets[0]!]);
    await send();
    await waitFor('the door to open', async () => (await scene.letIn()).length === 1, 2000);
    await scene.shut();
    await send();
    await waitFor('the replay to be seen', () => /replay/i.test(scene.fwknopd.log()), 2000);
    expect(await scene.letIn()).toEqual([]);
  });

  test('goes where SPA_SERVER says, unless KnockHost says otherwise', async () => {
    scene.home('.fwknoprc', ['[server]', ...stanza(), SOURCE, 'SPA_SERVER v4.example']);
    scene.configure('relay', ['KnockSpa server']);
    expect(await login()).toMatchObject(IN);
    await scene.shut();
    scene.home('.fwknoprc', ['[server]', ...stanza(), SOURCE, 'SPA_SERVER 127.0.0.1']);
    scene.configure('relay', ['KnockSpa server', 'KnockTimeout 0.6']);
    expect((await login()).code).toBe(255);
    scene.configure('relay', ['KnockSpa server', 'KnockHost v4.example']);
    expect(await login()).toMatchObject(IN);
  });

  test.each([
    ['a wrong key', { ...KEYS, keyBase64: WRONG_KEYS.keyBase64 }, []],
    ['a wrong HMAC key', { ...KEYS, hmacKeyBase64: WRONG_KEYS.hmacKeyBase64 }, []],
    ['a clock 3 minutes off', KEYS, ['TIME_OFFSET 3m']],
    ["somebody else's address", KEYS, ['ALLOW_IP 192.0.2.1']],
  ])('stays shut for %s, and tells what silence can mean', async (_, keys, lines) => {
    scene.home('.fwknoprc', ['[server]', ...stanza(keys), SOURCE, ...lines]);
    scene.configure('relay', ['KnockSpa server', 'KnockTimeout 1']);
    const { code, stdout, stderr } = await login();
    expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
    const [error, hint, ...rest] = stderr.match(/^knockproxy: .*$/gm)!;
    expect(error).toMatch(
      /^knockproxy: error: 10\.77\.0\.2 port 22 stayed shut: \d attempts? in [01]\.\d s, no answer$/,
    );
    for (const cause of ['key may be wrong', '120 s', 'NAT', "fwknopd's log"]) {
      expect(hint).toContain(cause);
    }
    expect(rest).toEqual([expect.stringMatching(/^knockproxy: hint: run 'knockproxy check server'/)]);
  });

  describe('refuses in one line, before anything is sent:', () => {
    const rc = (...lines: string[]) => ['[server]', ...stanza(), SOURCE, ...lines];
    const ROWS: readonly (readonly [string, readonly string[], readonly string[], RegExp])[] = [
      ['CTR', rc('ENCRYPTION_MODE CTR'), [], /fwknoprc line 5: only the encryption mode CBC is supported$/],
      ['legacy', rc('ENCRYPTION_MODE legacy'), [], /fwknoprc line 5: only the encryption mode CBC is supp/],
      ['GPG', rc('USE_GPG Y'), [], /fwknoprc line 5: GPG is not supported/],
      ['unknown variables', rc('KEY_BASE46 x'), [], /fwknoprc line 5: fwknop has no variable of this name$/],
      [
        'long packets',
        rc(`ACCESS ${Array(30).fill('tcp/10022').join(',')}`),
        [],
        /line 2: the SPA packet has \d+ b/,
      ],
      ['no such stanza', ['[other]', ...stanza()], [], /fwknoprc: there is no stanza \[server\]$/],
      ['no key', ['[server]', SOURCE], [], /knock_config line 2: there is no KEY_BASE64$/],
      [
        'resolve without a URL',
        ['[server]', ...stanza(), 'ALLOW_IP resolve'],
        [],
        /to resolve, knockproxy needs a R/,
      ],
      [
        'a bad port',
        rc(),
        ['KnockSpaPort 0'],
        /knock_config line 3: KnockSpaPort must be an integer from 1 to/,
      ],
      [
        'a URL that is silent',
        rc(),
        ['KnockSpaAllow resolve http://127.0.0.1:9/'],
        /127\.0\.0\.1 for the public address: ECO/,
      ],
    ];

    test.each(ROWS)('%s', async (_, lines, door, message) => {
      scene.home('.fwknoprc', lines);
      await refuses(['10.77.0.2', '22', 'server'], door, message);
    });

    test('a host with IPv6 alone', async () => {
      const message =
        /knock_config line 2: fwknop supports IPv4 only, and v6\.example has no IPv4 address to use$/;
      await refuses(['v6.example', '22', 'server'], [], message);
      await refuses(['-6', '10.77.0.2', '22', 'server'], [], /10\.77\.0\.2 is not an IPv6 address$/);
    });

    test('an rc file that others may read', async () => {
      await scene.person.run('chmod', ['644', `${scene.person.home}/.fwknoprc`]);
      await refuses(
        ['10.77.0.2', '22', 'server'],
        [],
        /other users can access the keys in .*fwknoprc \(mode 0644\)$/,
      );
      await scene.person.run('chmod', ['600', `${scene.person.home}/.fwknoprc`]);
    });

    async function refuses(args: readonly string[], door: readonly string[], message: RegExp): Promise<void> {
      scene.configure('relay', ['KnockSpa yes', ...door]);
      const { code, stdout, stderr } = await scene.person.run('knockproxy', args);
      expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: '' });
      const [error, ...hints] = stderr.trimEnd().split('\n');
      expect(error).toMatch(/^knockproxy: error: /);
      expect(error).toMatch(message);
      for (const hint of hints) expect(hint).toMatch(/^knockproxy: hint: /);
      for (const secret of SECRETS) expect(stderr).not.toContain(secret);
      const { syn, udp } = await scene.bed.server.counts();
      expect([...syn, ...udp]).toEqual([]);
    }
  });

  test('100 connections in a row, each through a shut door', { timeout: 90_000 }, async () => {
    scene.configure('relay', ['KnockSpa server']);
    for (let n = 1; n <= 100; n++) {
      const result = await scene.person.run('knockproxy', ['10.77.0.2', '22', 'server']);
      const banner = expect.stringMatching(/^SSH-2\.0-OpenSSH/);
      expect({ n, ...result }).toMatchObject({ n, code: 0, stdout: banner, stderr: '' });
      await scene.shut();
    }
    const packets = await scene.bed.server.countUdp(SPA_PORT);
    expect(packets).toBeGreaterThanOrEqual(100);
    expect(packets).toBeLessThan(130);
  });

  test('20 logins at once', async () => {
    scene.configure('relay', ['KnockSpa server']);
    const results = await Promise.all(Array.from({ length: 20 }, login));
    for (const result of results) expect(result).toMatchObject(IN);
    expect(await scene.bed.server.countUdp(SPA_PORT)).toBeLessThan(25);
  });
}, ['fwknopd']);
