import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cannotRun, describeBed } from '../netns/describe.ts';
import {
  type Bed,
  connectionLimit,
  createBed,
  hashLimit,
  mustRun,
  newerSshd,
  nftMeterTable,
  noNewerSshd,
  recentLimit,
  type Sshd,
  threeStages,
  waitFor,
} from '../netns/index.ts';

const ACCEPT = '-A INPUT -p tcp --dport 22 -j ACCEPT';

/** Enough on a busy machine, and less than the second after which the kernel sends another SYN. */
const PROBE_MS = 800;

/** How many connects in a row each limit lets through. */
const LIMITS: { name: string; rules: string[]; passes: number }[] = [
  ...[4, 5, 6].map((n) => ({ name: `recent, hitcount ${n}`, rules: recentLimit(n), passes: n - 1 })),
  { name: 'hashlimit', rules: hashLimit(), passes: 5 },
  { name: 'three stages', rules: threeStages(), passes: 4 },
];

describeBed('a limit of the bed really limits:', () => {
  let bed: Bed;
  let sshd: Sshd;
  beforeAll(async () => {
    bed = await createBed({ wire: { delayMs: 1 } }); // else no ICMP error is heard: see Firewall.reject()
    sshd = await bed.server.sshd();
  });
  afterAll(() => bed?.close());
  beforeEach(() => bed.server.firewall.open());

  test.each(LIMITS)('$name', async ({ rules, passes }) => {
    await bed.server.firewall.limited([...rules, ACCEPT]);
    expect(await connects(passes + 2)).toEqual(open(passes, passes + 2));
  });

  test('an nftables meter', async () => {
    await bed.server.must('nft', ['-f', '-'], { input: nftMeterTable(-5) });
    expect(await connects(7)).toEqual(open(5, 7));
    await bed.server.must('nft', ['delete', 'table', 'inet', 'knockproxy_meter']);
  });

  test('connlimit, of connections at a time', async () => {
    await bed.server.firewall.limited([...connectionLimit(), ACCEPT]);
    const held = [1, 2].map(() => bed.client.spawn('nc', [bed.server.ip, '22']));
    await Promise.all(held.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))));
    expect(await connects(1)).toEqual([false]);
    for (const child of held) child.kill();
    await waitFor('a place', async () => (await connects(1))[0]);
  });

  describeIf('ufw', '/usr/sbin/ufw', () => {
    test('ufw limits, and leaves the files and rules of the machine alone', async () => {
      const before = await machine();
      const ufw = await bed.server.ufw();
      await ufw.run('limit', '22/tcp');
      expect(await connects(7)).toEqual(open(5, 7));
      await ufw.run('delete', 'limit', '22/tcp');
      expect(await connects(1)).toEqual([false]);
      expect(await machine()).toEqual(before);
    });
  });

  describeIf('fail2ban', '/usr/bin/fail2ban-server', () => {
    test('fail2ban bans who connects three times and does not log in', async () => {
      await sshd.stop();
      const syslog = await bed.server.syslog();
      const logged = await bed.server.sshd({ syslog });
      const fail2ban = await bed.server.fail2ban({ authLog: syslog.logPath });
      await bed.client.must('ssh', ['-F', bed.sshConfig(), 'server', 'true']);
      await connects(3);
      await waitFor('the ban', () => fail2ban.bans() === 1);
      expect([logged.connections(), logged.logins()]).toEqual([4, 1]);
      await waitFor('its rule', async () => !(await connects(1))[0]);
      await fail2ban.stop();
      await logged.stop();
      sshd = await bed.server.sshd();
    });
  });

  /** Which of so many connects in a row get through. */
  async function connects(count: number): Promise<boolean[]> {
    const opened: boolean[] = [];
    while (opened.length < count)
      opened.push((await bed.client.probe(bed.server.ip, 22, PROBE_MS)) === 'open');
    return opened;
  }
});

const newer = newerSshd();
const missing = noNewerSshd();
if (missing) cannotRun('an sshd with PerSourcePenalties', missing.reason, undefined, missing.isExcused);
else {
  describeBed('an sshd with PerSourcePenalties', () => {
    test('lets logins pass, and drops who only connects', async () => {
      await using bed = await createBed();
      const sshd = await bed.server.sshd({ program: newer! });
      const config = bed.sshConfig();
      await bed.client.must('ssh', ['-F', config, 'server', 'true']);
      for (let n = 0; n < 20; n++) await bed.client.probe(bed.server.ip, 22);
      await waitFor('the penalty', () => sshd.log().includes('activating ipv4 penalty'));
      expect((await bed.client.exec('ssh', ['-F', config, 'server', 'true'])).code).toBe(255);
      expect(sshd.log()).toMatch(/^drop connection .* penalty: /m);
    });
  });
}

function open(first: number, of: number): boolean[] {
  return Array.from({ length: of }, (_, n) => n < first);
}

function describeIf(name: string, program: string, body: () => void): void {
  if (statSync(program, { throwIfNoEntry: false })) describe(name, body);
  else cannotRun(name, `not installed: ${program}`, body);
}

/** What a firewall on this machine itself would have changed. */
async function machine(): Promise<unknown> {
  const folders = ['/etc/ufw', '/usr/share/ufw', '/usr/share/ufw/iptables', '/etc/default'];
  const { stdout } = await mustRun(['iptables', '-S']);
  return { rules: stdout, files: folders.flatMap(digests) };
}

function digests(folder: string): string[] {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const files = paths.filter((path) => statSync(path).isFile());
  return files.map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`);
}
