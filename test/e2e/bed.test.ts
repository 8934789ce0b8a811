import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import {
  ARTICLE_SEQUENCE,
  type Bed,
  createBed,
  DEBIAN_KNOCKD_CONF,
  DEBIAN_SEQUENCE,
  knockdConf,
  mustRun,
  REPOSITORY,
  waitFor,
} from '../netns/index.ts';

const KEYS = {
  keyBase64: randomBytes(32).toString('base64'),
  hmacKeyBase64: randomBytes(64).toString('base64'),
};

describeBed('the bed with a plain veth', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await createBed();
    await bed.server.sshd();
  });
  afterEach(() => bed.server.firewall.open());
  afterAll(() => bed?.close());

  test('runs commands on two hosts that reach each other by IPv4 and IPv6 only inside the bed', async () => {
    const result = await bed.client.exec('sh', ['-c', 'cat; echo $X >&2; exit 3'], {
      input: 'in',
      env: { X: 'env' },
    });
    expect(result).toMatchObject({ code: 3, signal: null, stdout: 'in', stderr: 'env\n', timedOut: false });
    expect(await bed.client.exec('sleep', ['9'], { timeoutMs: 50 })).toMatchObject({
      signal: 'SIGKILL',
      timedOut: true,
    });
    for (const ip of [bed.server.ip, bed.server.ip6]) expect(await bed.client.probe(ip, 22)).toBe('open');
    expect((await bed.client.must('ip', ['route', 'show', 'default'])).stdout).toBe('');
  });

  test('lets ssh in by key, without a question or a word on stderr', async () => {
    for (const hostName of [bed.server.ip, bed.server.ip6]) {
      const result = await ssh(bed, bed.sshConfig({ hostName }), 'echo $SSH_CONNECTION');
      const seen = hostName === bed.server.ip ? bed.seenIp : bed.seenIp6;
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toMatch(new RegExp(`^${seen} \\d+ ${hostName} 22\n$`));
    }
  });

  test('can give a user a ~/.ssh and state directories of the bed', async () => {
    const user = bed.userHost({ lines: ['KnockSequence 1000'] });
    const session = 'ssh server echo in && cat ~/.ssh/config && echo $XDG_STATE_HOME';
    const { stdout } = await user.must('sh', ['-ec', session]);
    expect(stdout).toMatch(/^in\n/);
    expect(stdout).toContain('KnockSequence 1000');
    expect(stdout).toContain(`\n${bed.dir}/xdg/`);
  });

  test('keeps its door closed until the article sequence is knocked, and closes it again', async () => {
    const { server, client } = bed;
    await server.flush();
    await server.firewall.article();
    const sshd = await server.sshd({ port: 2222 });
    const knockd = await server.knockd(knockdConf({ port: 2222, cmdTimeoutS: 1 }));
    for (const hostName of [server.ip, server.ip6]) {
      expect(await client.probe(hostName, 2222)).toBe('filtered');
      await knock(bed, hostName, ARTICLE_SEQUENCE);
      await waitFor('the door to open', () => knockd.opened('openSSH') === (hostName === server.ip ? 1 : 2));
      await waitFor('its rule', async () => (await acceptRules(bed)).length === 1);
      const login = await ssh(bed, bed.sshConfig({ hostName, port: 2222 }), 'echo in');
      expect(login).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
      await waitFor('the door to close', async () => (await acceptRules(bed)).length === 0);
    }
    expect([sshd.connections(), sshd.logins()]).toEqual([2, 2]);
    expect(await server.countSyn(41373)).toBe(2);
    expect(await server.countSyn(2222)).toBeGreaterThanOrEqual(4);
    expect(await server.countUdp(18101)).toBe(2);
    await knockd.stop();
    await sshd.stop();
    await server.firewall.open();
    expect(await client.probe(server.ip, 2222)).toBe('refused');
  });

  test("runs Debian's stock pair, and a restarted knockd", async () => {
    await bed.server.firewall.article();
    const knockd = await bed.server.knockd(DEBIAN_KNOCKD_CONF);
    await knock(bed, bed.server.ip, DEBIAN_SEQUENCE);
    await waitFor('the door to open', async () => (await acceptRules(bed)).length === 1);
    await knockd.restart();
    await knock(bed, bed.server.ip, DEBIAN_SEQUENCE.toReversed());
    await waitFor('the door to close', async () => (await acceptRules(bed)).length === 0);
    expect([knockd.opened('openSSH'), knockd.opened('closeSSH'), knockd.opened()]).toEqual([1, 1, 2]);
    await knockd.stop();
  });

  test('has doors of the recent match and of nftables sets', async () => {
    const { firewall, ip, ip6 } = bed.server;
    for (const host of [ip, ip6]) {
      await firewall.recent(DEBIAN_SEQUENCE, { oneShot: true });
      expect(await openAfter(bed, host, DEBIAN_SEQUENCE)).toEqual(['filtered', 'open']);
      expect(await bed.client.probe(host, 22)).toBe('filtered');
      await firewall.nft(ARTICLE_SEQUENCE);
      expect(await openAfter(bed, host, ARTICLE_SEQUENCE)).toEqual(['filtered', 'open']);
      await firewall.nft(DEBIAN_SEQUENCE, { blacklist: true });
      expect(await openAfter(bed, host, DEBIAN_SEQUENCE)).toEqual(['filtered', 'open']);
      await firewall.nft(DEBIAN_SEQUENCE, { blacklist: true });
      expect(await openAfter(bed, host, ['7000:tcp', '7001:tcp', '8000:tcp', '9000:tcp'])).toEqual([
        'filtered',
        'filtered',
      ]);
    }
  });

  test('has an fwknopd that opens', { skip: !existsSync('/usr/bin/fwknop') }, async () => {
    await bed.server.firewall.article();
    const fwknopd = await bed.server.fwknopd(KEYS);
    const keys = [
      '--key-base64-rijndael',
      KEYS.keyBase64,
      '--key-base64-hmac',
      KEYS.hmacKeyBase64,
      '--use-hmac',
    ];
    const rc = join(bed.dir, 'fwknoprc');
    writeFileSync(rc, '', { mode: 0o600 });
    const target = ['-A', 'tcp/22', '-a', bed.client.ip, '-D', bed.server.ip, '--rc-file', rc];
    expect(await bed.client.probe(bed.server.ip, 22)).toBe('filtered');
    await bed.client.must('fwknop', [...target, ...keys, '--no-save-args'], { env: { HOME: bed.dir } });
    await waitFor(
      'the door to open',
      async () => (await bed.client.probe(bed.server.ip, 22)) === 'open',
      2000,
    );
    await fwknopd.stop();
  });
});

describeBed('the wire', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await createBed({ wire: { seed: 7 } });
  });
  afterEach(() => bed.server.firewall.open());
  afterAll(() => bed?.close());

  test('adds its delay to each way', async () => {
    await bed.wire.set({ toServer: { delayMs: 15 }, toClient: { delayMs: 5 } });
    for (const ip of [bed.server.ip, bed.server.ip6]) {
      const { minMs, averageMs } = await ping(bed, ip, 100, 2);
      expect(minMs).toBeGreaterThanOrEqual(20);
      expect(averageMs).toBeLessThan(30);
    }
  });

  test('jitters each frame on its own, so they overtake each other', async () => {
    for (const ip of [bed.server.ip, bed.server.ip6]) {
      await bed.wire.set({ toServer: { delayMs: 5, jitterMs: 20 } });
      const before = (await bed.wire.stats()).toServer.reordered;
      const { minMs, averageMs, maxMs } = await ping(bed, ip, 200, 2);
      expect(minMs).toBeGreaterThanOrEqual(5);
      expect(averageMs).toBeGreaterThan(12);
      expect(averageMs).toBeLessThan(22);
      expect(maxMs).toBeGreaterThan(22);
      expect((await bed.wire.stats()).toServer.reordered - before).toBeGreaterThan(30);
    }
  });

  test('loses and doubles the asked share, in one direction when told so', async () => {
    for (const ip of [bed.server.ip, bed.server.ip6]) {
      await bed.wire.set({ toServer: { lossPct: 10 } });
      const lossy = await ping(bed, ip, 500, 1);
      expect(lossy.received).toBeGreaterThan(422); // 450, and 4 standard deviations
      expect(lossy.received).toBeLessThan(478);
      await bed.wire.set({ dupPct: 10 });
      const doubled = await ping(bed, ip, 500, 1);
      expect(doubled.received).toBe(500);
      expect(doubled.doubles).toBeGreaterThan(65); // 105: both ways, doubles doubled too
      expect(doubled.doubles).toBeLessThan(145);
    }
    expect((await bed.wire.stats()).toClient.lost).toBe(0);
  });

  test('drops just what it is told to drop', async () => {
    await bed.wire.set({});
    await bed.server.resetCounts();
    await bed.wire.drop('toServer', 'udp', 18101, 2);
    await bed.wire.drop('toServer', 'tcp', 17895);
    for (let n = 0; n < 3; n++) await knock(bed, bed.server.ip, ARTICLE_SEQUENCE);
    const { syn, udp } = await bed.server.counts();
    expect([syn.get(41373), syn.get(17895), udp.get(18101), udp.get(36191)]).toEqual([3, 2, 1, 3]);
  });

  test('answers a closed port with RST or ICMP when the firewall rejects', async () => {
    await bed.wire.set({ delayMs: 2 });
    for (const how of ['tcp-reset', 'icmp'] as const) {
      await bed.server.firewall.reject(how);
      for (const ip of [bed.server.ip, bed.server.ip6])
        expect(await bed.client.probe(ip, 22)).toBe('refused');
    }
  });

  test('carries ssh intact, through loss, jitter and doubles', async () => {
    await bed.server.sshd();
    await bed.wire.set({ delayMs: 1, jitterMs: 2, lossPct: 0.5, dupPct: 2 });
    const path = join(bed.dir, 'payload');
    writeFileSync(path, randomBytes(1_000_000));
    const script = `ssh -F ${bed.sshConfig()} server cat < ${path} | cmp - ${path}`;
    expect(await bed.client.exec('sh', ['-c', script])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('gives the n-th frame of a direction the same fate for the same seed', async () => {
    const lost = async (seed: number) => {
      await using other = await createBed({ wire: { seed, lossPct: 30 } });
      await ping(other, other.server.ip, 200, 1);
      const { toServer, toClient } = await other.wire.stats();
      return [toServer.lost, toClient.lost];
    };
    const [first, again, another] = await Promise.all([lost(1), lost(1), lost(2)]);
    expect(again).toEqual(first);
    expect(another).not.toEqual(first);
  });
});

describeBed('clients behind a router', () => {
  test('all look like the router to the server', async () => {
    await using bed = await createBed({ clientsBehindRouter: 5, wire: { delayMs: 1 } });
    await bed.server.sshd();
    const seen = [bed.server.ip, bed.server.ip6].map((hostName) => {
      const config = bed.sshConfig({ hostName });
      return Promise.all(
        bed.clients.map((client) => client.must('ssh', ['-F', config, 'server', 'echo $SSH_CLIENT'])),
      );
    });
    const [v4, v6] = (await Promise.all(seen)).map((results) =>
      results.map(({ stdout }) => stdout.split(' ')[0]),
    );
    expect(v4).toEqual(Array(5).fill(bed.seenIp));
    expect(v6).toEqual(Array(5).fill(bed.seenIp6));
  });
});

describeBed('the end of a bed', () => {
  test('close() leaves no namespace, process or file, and no other bed is touched', async () => {
    const [bed, other] = await Promise.all([createBed({ wire: {} }), createBed()]);
    await bed.server.sshd();
    await bed.server.knockd(knockdConf());
    bed.client.spawn('sh', ['-c', 'trap "" TERM HUP INT; sleep 60 & sleep 60']);
    const names = [bed.client.name, bed.server.name];
    await waitFor('the processes', async () => (await pidsIn(names)).length >= 6);
    const pids = await pidsIn(names);
    await bed.close();
    await bed.close();
    expect(await namespaces(names)).toEqual([]);
    expect(pids.filter(runs)).toEqual([]);
    expect(existsSync(bed.dir)).toBe(false);
    expect(await other.client.exec('ping', ['-c1', other.server.ip])).toMatchObject({ code: 0 });
    await other.close();
  });

  describe('a process that dies without close()', () => {
    const script = `
      const { createBed, knockdConf } = await import(${JSON.stringify(`${REPOSITORY}/test/netns/index.ts`)});
      const bed = await createBed({ wire: {} });
      await bed.server.knockd(knockdConf());
      console.log(JSON.stringify([bed.dir, bed.client.name, bed.server.name]));
      process.stdin.resume();`; // lives until told to go

    test.each(['SIGKILL', 'SIGINT', 'SIGTERM', 'end'])('by %s takes its bed along', async (how) => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script];
      const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'inherit'] });
      const [line] = await once(child.stdout, 'data');
      const [dir, ...names] = JSON.parse(`${line}`) as [string, string, string];
      const pids = await pidsIn(names);
      if (how === 'end') child.stdin.end();
      else child.kill(how as NodeJS.Signals);
      await waitFor('the bed to go', async () => !existsSync(dir) && (await namespaces(names)).length === 0);
      expect(pids.filter(runs)).toEqual([]);
    });
  });
});

function ssh(bed: Bed, config: string, command: string) {
  return bed.client.exec('ssh', ['-F', config, 'server', command]);
}

function knock(bed: Bed, ip: string, sequence: readonly string[]) {
  return bed.client.must('knock', ['-d', '5', ip, ...sequence]);
}

/** What port 22 does before and after the knocks. */
async function openAfter(bed: Bed, ip: string, sequence: readonly string[]): Promise<string[]> {
  const before = await bed.client.probe(ip, 22);
  await knock(bed, ip, sequence);
  return [before, await bed.client.probe(ip, 22)];
}

async function acceptRules({ server: { firewall } }: Bed): Promise<string[]> {
  const rules = await Promise.all([firewall.rules('iptables'), firewall.rules('ip6tables')]);
  return rules.flat().filter((rule) => rule.includes('--dport'));
}

async function ping(bed: Bed, ip: string, count: number, gapMs: number) {
  const args = ['-q', '-c', `${count}`, '-i', `${gapMs / 1000}`, '-W', '0.2', ip];
  const { stdout } = await bed.client.exec('ping', args);
  const [, received, doubles] = /(\d+) received(?:, \+(\d+) duplicates)?/.exec(stdout) ?? [];
  const [, minMs, averageMs, maxMs] = /= ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(stdout)?.map(Number) ?? [];
  return { received: Number(received), doubles: Number(doubles ?? 0), minMs, averageMs, maxMs };
}

async function namespaces(names: string[]): Promise<string[]> {
  return readdirSync('/run/netns').filter((name) => names.includes(name));
}

async function pidsIn(names: string[]): Promise<number[]> {
  const lists = await Promise.all(names.map((name) => mustRun(['ip', 'netns', 'pids', name])));
  return lists.flatMap(({ stdout }) => stdout.split('\n').filter(Boolean).map(Number));
}

/** A zombie does not run. */
function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`);
}
