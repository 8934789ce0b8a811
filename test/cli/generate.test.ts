import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseSequence } from '../../src/plan/sequence.ts';
import { type RunOptions, run } from './run.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-generate-'));
afterAll(() => fs.rmSync(root, { recursive: true }));

const generate = (args: string, options?: RunOptions) =>
  run(['generate', ...args.split(' ').filter(Boolean)], options);

async function bundle(args: string) {
  const { code, stdout, stderr } = await generate(`${args} --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { files } = JSON.parse(stdout) as {
    files: { side: string; name: string; path?: string; text: string }[];
  };
  return (name: string, side = 'server') =>
    files.find((each) => each.side === side && each.name === name)?.text;
}

describe('generate', () => {
  it('prints 10 steps of different high ports, tcp and udp mixed, other ones each time', async () => {
    const all = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const { stdout } = await generate('--format knockd');
      const steps = parseSequence(stdout);
      expect(new Set(steps.map(({ port }) => port)).size).toBe(10);
      for (const { port } of steps) expect(port).toBeGreaterThanOrEqual(10_000);
      all.add(stdout);
    }
    expect(all.size).toBe(3);
  });

  it('prints the bare sequence in either syntax', async () => {
    expect((await generate('--format knock --count 2 --protocols udp')).stdout).toMatch(
      /^\d+:udp \d+:udp\n$/,
    );
    expect((await generate('--format knockd --count 2 --protocols tcp')).stdout).toMatch(
      /^\d+:tcp,\d+:tcp\n$/,
    );
  });

  it('never takes the hidden port, a port that is let in, or one of the other sequence', async () => {
    const file = await bundle(
      '--ports 22,80,443,53:udp,7001,7002,7003,7004 --firewall iptables --allow 80,443 --count 2 --close-sequence',
    );
    const conf = file('knockd.conf')!;
    const ports = [...conf.matchAll(/ sequence = (.*)/g)]
      .flatMap(([, text]) => parseSequence(text!))
      .map(({ port }) => port);
    expect(new Set(ports).size).toBe(4);
    for (const port of ports) expect([53, 7001, 7002, 7003, 7004]).toContain(port);
    const { stderr } = await generate('--ports 22,80,7001,7002 --firewall iptables --allow 80 --count 3');
    expect(stderr).toContain('3 steps need 3 different ports, but only 2 are available');
  });

  it('gives both ends the same sequence', async () => {
    const file = await bundle('srv --count 4 --close-sequence --port 2222 --firewall iptables');
    const [open, close] = [...file('knockd.conf')!.matchAll(/ sequence = (.*)/g)].map(([, text]) => text);
    expect(file('knock_config', 'client')).toBe(
      `\nHost srv\n  KnockSequence ${open}\n  KnockCloseSequence ${close}\n  KnockSequenceTimeout 10\n`,
    );
    expect(file('config', 'client')).toBe("\nHost srv\n  Port 2222\n  ProxyCommand knockproxy -- '%h' %p\n");
    expect(file('knockd.conf')).toContain('--dport 2222');
    expect(file('ip6tables.rules')).toContain('-j ACCEPT');
  });

  it('hides one port by default: the script, its settings and the sections with what the server fills in', async () => {
    const file = await bundle('srv --count 4 --close-sequence --client laptop');
    expect(file('door.conf')).toBe('CLIENT=laptop\nPORT=22\nKIND=knockd\nOPEN_S=10\nLOGIN=ssh -S none srv\n');
    const [open, close] = [...file('knockd.conf')!.matchAll(/ sequence = (.*)/g)].map(([, text]) => text);
    expect(file('knock_config', 'client')).toContain(
      `KnockSequence ${open}\n  KnockCloseSequence ${close}\n`,
    );
    expect(file('knockd.conf')).toContain('start_command_6 = @OPEN6@');
    expect(file('install.sh')).toMatch(/^#!\/bin\/sh\n/);
  });

  it('--firewall and --allow close the whole server', async () => {
    const { stdout } = await generate(
      `srv --out ${path.join(root, 'all')} --yes --firewall nftables --allow 443,80,53:udp`,
    );
    expect(stdout).toContain('sh door/install.sh');
    expect(fs.readFileSync(path.join(root, 'all/server/door.conf'), 'utf8')).toContain(
      'CLOSE_ALL=yes\nFIREWALL=nftables\nALLOW=80:tcp 443:tcp 53:udp\n',
    );
  });

  it('takes port and user from ssh config, and says them in each step', async () => {
    const config = path.join(root, 'ssh_config');
    fs.writeFileSync(config, 'Host srv\n  HostName 192.0.2.1\n  Port 2222\n  User deploy\n', { mode: 0o600 });
    const { stdout } = await generate(`srv --out ${path.join(root, 'port')} --yes -F ${config}`);
    expect(stdout).toContain('-P 2222 ');
    expect(stdout).toContain(' deploy@srv:door\n');
    const settings = fs.readFileSync(path.join(root, 'port/server/door.conf'), 'utf8');
    expect(settings).toContain('PORT=2222\n');
    const other = await generate(`srv --json -F ${config} --port 22 --user root`);
    expect(JSON.parse(other.stdout)).toMatchObject({ port: 22, user: 'root' });
  });

  it('--sequence-stdin takes the secret from a vault', async () => {
    const { stdout } = await generate('srv --sequence-stdin --json', { stdin: '7001,7002:udp\n' });
    expect(stdout).toContain('sequence = 7001:tcp,7002:udp');
  });

  it('gives both ends the same one-time sequences', async () => {
    const file = await bundle('srv --one-time 5 --firewall nftables');
    expect(file('one-time')!.trim().split('\n')).toHaveLength(5);
    expect(file('knock_one_time.srv', 'client')).toBe(file('one-time'));
    expect(file('knockd.conf')).toContain('one_time_sequences = /var/lib/knockd/one-time');
    expect(file('knockproxy.nft')).toContain('open_v6');
  });

  it('--spa gives both ends the same keys, of the right size', async () => {
    const file = await bundle('srv --spa --port 2222 --interface ens3');
    const keys = file('knock_spa.srv', 'client')!;
    const [key, hmac] = [...keys.matchAll(/BASE64 (.*)/g)].map(
      ([, text]) => Buffer.from(text!, 'base64').length,
    );
    expect([key, hmac]).toEqual([32, 64]);
    expect(file('access.conf')).toContain(keys);
    expect(file('door.conf')).toMatch(/^PORT=2222\nKIND=spa\n(.*\n)*INTERFACE=ens3$/m);
    expect(file('knock_config', 'client')).toContain('KnockSpaKeyFile ~/.ssh/knock_spa.srv');
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['https://ip.example/me?v=4', 'resolve https://ip.example/me?v=4'],
  ])('--spa-allow %s names whom to let in, at both ends', async (value, allow) => {
    const file = await bundle(`srv --spa --spa-allow ${value}`);
    expect(file('knock_config', 'client')).toContain(`  KnockSpaAllow ${allow}\n`);
    expect(file('access.conf')).toContain('REQUIRE_SOURCE_ADDRESS Y\n');
  });

  it('--spa alone locks nobody out whose address changes', async () => {
    const file = await bundle('srv --spa');
    expect(file('knock_config', 'client')).not.toContain('KnockSpaAllow');
    expect(file('access.conf')).not.toContain('REQUIRE_SOURCE_ADDRESS');
  });

  it('prints the files, then the steps: the firewall after the client, the last step a login', async () => {
    const { stdout } = await generate('srv --server nftables --firewall nftables');
    const order = [
      'client: ~/.ssh/knock_config',
      'server: knockproxy.nft',
      'in this order',
      'firewall',
      'ssh srv',
    ];
    const places = order.map((text) => stdout.indexOf(text));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it.each([
    ['--count 32', '--count must be a whole number from 1 to 31'],
    ['--count x', '--count must be a whole number from 1 to 31'],
    ['--min 0', '--min must be a whole number from 1 to 65535'],
    ['--min 20000 --max 20004', '10 steps need 10 different ports, but only 5 are available'],
    ['--ports 7000,70000', '--ports: entry 2 is not PORT'],
    ['--allow http', '--allow: entry 1 is not PORT'],
    ['--protocols icmp', '--protocols must be tcp, udp or tcp,udp'],
    ['--port 0', '--port must be a port from 1 to 65535'],
    ['--one-time 1', '--one-time must be a whole number from 2 to 10000'],
    ['--one-time 9 --server nftables', '--one-time needs a daemon'],
    ['--server nftables --firewall iptables', 'is its own firewall'],
    ['srv --spa --firewall nftables', '--spa requires --firewall iptables'],
    ['srv --spa --server nftables', '--spa requires fwknopd'],
    ['srv --allow 80', '--allow requires --firewall'],
    ['srv --user=-oX', '--user may contain only'],
    ['srv --client 1a', '--client must begin with a letter'],
    ['--ssh', '--ssh requires HOST'],
    ['srv --ssh --out x', 'mutually exclusive'],
    ['srv --sequence-stdin --count 3', 'mutually exclusive'],
    ['srv --spa --count 3', 'mutually exclusive'],
    ['srv --spa-allow 192.0.2.7', 'spa-allow -> spa'],
    ['srv --spa --spa-allow 0.0.0.0', '--spa-allow must be an IPv4 address'],
    ['srv --spa --spa-allow me', '--spa-allow must be an IPv4 address'],
    ['--format knock --out x', 'mutually exclusive'],
    ['--firewall pf', 'Invalid values'],
    ['--interface a;b', 'not the name of a network interface'],
    ['--spa', '--spa requires HOST'],
    ['--out x', '--out requires HOST'],
    ['srv --add', '--add requires --out'],
    ['$(id)', 'HOST may contain only'],
    ['a.b/../c', 'HOST may contain only'],
  ])('%s: one line, exit 2', async (args, message) => {
    const result = await generate(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(message);
    expect(result.stderr.split('\n')[0]).toMatch(/^knockproxy: error: /);
  });
});

describe('generate --out', () => {
  let folder: string;
  beforeEach(() => {
    folder = path.join(fs.mkdtempSync(path.join(root, 'out-')), 'door');
  });
  const mode = (file: string) => fs.statSync(path.join(folder, file)).mode & 0o777;
  const read = (file: string) => fs.readFileSync(path.join(folder, file), 'utf8');

  it('writes files of mode 600 in folders of mode 700, and prints the steps that are left', async () => {
    const { code, stdout } = await generate(`srv --out ${folder} --yes --one-time 3`);
    expect(code).toBe(0);
    for (const each of ['.', 'client', 'server']) expect(mode(each)).toBe(0o700);
    for (const side of ['client', 'server']) {
      for (const each of fs.readdirSync(path.join(folder, side))) expect(mode(`${side}/${each}`)).toBe(0o600);
    }
    expect(read('steps.txt')).toBe(stdout);
    expect(stdout).not.toMatch(/\d{5}/);
    expect(fs.readdirSync(path.dirname(folder))).toEqual(['door']);
  });

  it('overwrites nothing without --force', async () => {
    await generate(`srv --out ${folder} --yes`);
    const before = read('server/knockd.conf');
    const refused = await generate(`srv --out ${folder} --yes`);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('already exists');
    expect(read('server/knockd.conf')).toBe(before);
    expect(await generate(`srv --out ${folder} --yes --force`)).toMatchObject({ code: 0 });
    expect(read('server/knockd.conf')).not.toBe(before);
    expect(read('server/knockd.conf')).toContain(/KnockSequence (.*)/.exec(read('client/knock_config'))![1]);
  });

  it('writes nothing where it cannot ask, or where the folder cannot be', async () => {
    fs.writeFileSync(folder, '');
    const result = await generate(`srv --out ${folder}/below --yes`);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toBe(`knockproxy: error: cannot write to ${folder}/below (ENOTDIR)\n`);
    expect(fs.readdirSync(path.dirname(folder))).toEqual(['door']);
  });

  it('--json names what was written, without the secret', async () => {
    const { stdout } = await generate(`srv --out ${folder} --yes --json`);
    const { written, steps } = JSON.parse(stdout);
    for (const each of written) expect(fs.existsSync(each)).toBe(true);
    expect(steps.at(-2).command).toBe('sh door/install.sh keep');
    expect(steps.at(-1).command).toBe(`rm -r ${folder}`);
    expect(stdout).not.toContain(/KnockSequence (.*)/.exec(read('client/knock_config'))![1]);
  });

  it('--add sets up this machine, keeps its files, and leaves no copy of the secret', async () => {
    const [config, knock] = ['config', 'knock_config'].map((name) =>
      path.join(path.dirname(folder), 'ssh', name),
    );
    fs.mkdirSync(path.dirname(config!), { mode: 0o700 });
    fs.writeFileSync(config!, '# mine\nHost other\n  User me\n', { mode: 0o600 });
    const files = `-F ${config} --knock-config ${knock}`;
    const { code, stderr } = await generate(`srv --out ${folder} --add --yes --one-time 3 ${files}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(fs.readdirSync(folder)).toEqual(['server', 'steps.txt']);
    const secret = path.join(path.dirname(knock!), 'knock_one_time.srv');
    expect(fs.readFileSync(secret, 'utf8')).toBe(read('server/one-time'));
    expect(fs.statSync(secret).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(knock!, 'utf8')).toContain(`KnockOneTimeFile ${secret}\n`);
    const text = fs.readFileSync(config!, 'utf8');
    expect(text).toMatch(/^ *ProxyCommand \//m);
    expect(text).toContain('Host other\n  User me\n');
    const again = await generate(`srv --out ${folder}2 --add --yes ${files}`);
    expect(again).toMatchObject({ code: 2 });
    expect(fs.existsSync(`${folder}2`)).toBe(false);
  });
});
