import { spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSequence } from '../../../src/plan/sequence.ts';
import { addressesLine, knockLine } from '../../../src/via/knock-text.ts';

const SCRIPT = readFileSync(new URL('../../../src/via/knock.sh', import.meta.url), 'utf8');

/** What is on PATH besides sleep, grep and cat, for each way to knock. */
const WAYS: readonly { way: string; tool: string; sh: string; path: string }[] = [
  { way: 'perl', tool: 'perl', sh: '/bin/sh', path: '/usr/bin/perl' },
  { way: 'python3', tool: 'python3', sh: '/bin/sh', path: '/usr/bin/python3' },
  { way: 'bash', tool: 'bash', sh: '/bin/bash', path: '/bin/bash' },
  { way: "OpenBSD's nc", tool: 'nc', sh: '/bin/sh', path: '/bin/nc.openbsd' },
  { way: "busybox's nc", tool: 'nc', sh: '/bin/busybox', path: '/bin/busybox' },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'via-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A PATH with only these programs. */
function putOnPath(programs: Readonly<Record<string, string>>): void {
  for (const [name, path] of Object.entries({
    sleep: '/bin/sleep',
    grep: '/bin/grep',
    cat: '/bin/cat',
    ...programs,
  }))
    symlinkSync(path, join(folder, name));
}

/** Runs the script as `ssh HOST sh` does. @returns what it says. */
function runScript(line: string, sh = '/bin/sh'): Promise<string> {
  if (!existsSync(join(folder, 'sh'))) symlinkSync(sh, join(folder, 'sh'));
  const child = spawn(join(folder, 'sh'), [], { env: { PATH: folder }, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(SCRIPT + line);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  return new Promise((resolve) => {
    child.on('close', () => resolve(said));
  });
}

class Listeners {
  readonly arrived: string[] = [];
  readonly #open: { close(): unknown }[] = [];

  async tcp(name: string): Promise<number> {
    const server = net.createServer((socket) => {
      this.arrived.push(name);
      socket.on('error', () => {}).destroy();
    });
    this.#open.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return (server.address() as net.AddressInfo).port;
  }

  async udp(name: string): Promise<number> {
    const socket = dgram.createSocket('udp4', (bytes) => {
      this.arrived.push(`${name} ${bytes.toString('hex')}`);
    });
    this.#open.push(socket);
    await new Promise<void>((resolve) => {
      socket.bind(0, '127.0.0.1', resolve);
    });
    return socket.address().port;
  }

  close(): void {
    for (const each of this.#open) each.close();
  }
}

describe.each(WAYS)('knock.sh by $way', ({ tool, sh, path }) => {
  const isHere = existsSync(path) || process.env.CI === 'true';

  it.skipIf(!isHere)(`sends each TCP step once, in order (needs ${path})`, async () => {
    putOnPath({ [tool]: path });
    const listeners = new Listeners();
    try {
      const ports = [await listeners.tcp('a'), await listeners.tcp('b'), await listeners.tcp('c')];
      const steps = parseSequence(ports.join(','));
      const said = await runScript(knockLine('127.0.0.1', [...steps, steps[0]!], 100), sh);
      expect(said).toBe(`\nknockproxy ready ${tool}\n\nknockproxy sent 0\n`);
      await expect.poll(() => listeners.arrived).toEqual(['a', 'b', 'c', 'a']);
    } finally {
      listeners.close();
    }
  });

  it.skipIf(!isHere)(`sends UDP payloads byte by byte, or says that it cannot (needs ${path})`, async () => {
    putOnPath({ [tool]: path });
    if (sh === '/bin/busybox') {
      const said = await runScript(knockLine('127.0.0.1', parseSequence('7000:udp'), 0), sh);
      return expect(said).toContain('knockproxy sent 7');
    }
    const listeners = new Listeners();
    try {
      const port = await listeners.udp('u');
      const all = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('');
      const sequence = `${port}:udp,${port}:udp:text=a%25b'%0a,${port}:udp:hex=${all},${port}:udp:size=3`;
      const steps = parseSequence(sequence.replace("'", '%27'));
      expect(await runScript(knockLine('127.0.0.1', steps, 100), sh)).toContain('knockproxy sent 0');
      await expect
        .poll(() => listeners.arrived)
        .toEqual(['u 00', `u ${Buffer.from("a%b'\n").toString('hex')}`, `u ${all}`, 'u 000000']);
    } finally {
      listeners.close();
    }
  });

  it.skipIf(!isHere)(`says that there is no ping (needs ${path})`, async () => {
    putOnPath({ [tool]: path });
    const icmp = await runScript(knockLine('127.0.0.1', parseSequence('icmp:9'), 0), sh);
    expect(icmp).toContain('knockproxy sent 4');
  });
});

describe('knock.sh', () => {
  it('says that there is nothing to knock with', async () => {
    putOnPath({});
    expect(await runScript(knockLine('h', parseSequence('7000'), 0))).toBe(
      '\nknockproxy ready none\n\nknockproxy sent 6\n',
    );
  });

  it('runs nothing that a host name contains', async () => {
    putOnPath({ perl: '/usr/bin/perl', touch: '/bin/touch' });
    const mark = join(folder, 'mark');
    for (const host of [`'; touch ${mark}; '`, `$(touch${'$'}{IFS}${mark})`, `\`touch ${mark}\``])
      await runScript(knockLine(host, parseSequence('7000'), 0));
    expect(existsSync(mark)).toBe(false);
  });

  it('prints the addresses of a host, the preferred one first', async () => {
    putOnPath({ getent: '/usr/bin/getent' });
    expect(await runScript(addressesLine('127.0.0.2'))).toContain('\nknockproxy addresses 127.0.0.2\n');
    expect(await runScript(addressesLine('no-such-name.invalid'))).toMatch(/\nknockproxy addresses ?\n/);
  });

  it('is a script for every POSIX shell', () => {
    for (const sh of ['dash', 'bash'].filter((name) => spawnSync(name, ['-c', ':']).status === 0))
      expect(spawnSync(sh, ['-n'], { input: SCRIPT }).status, sh).toBe(0);
  });
});
