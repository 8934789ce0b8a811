import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import {
  ARTICLE_SEQUENCE,
  type Bed,
  createBed,
  type Knockd,
  knockdConf,
  type Sshd,
  waitFor,
} from '../netns/index.ts';
import { Server } from '../netns/server.ts';
import { KNOCK_SEQUENCE, Person } from './person.ts';

const BASTION = '10.78.0.1';
const TARGET = '10.77.0.2';
const TARGET6 = 'fd77::2';

const DOOR = ['Host target', KNOCK_SEQUENCE, 'KnockVia bastion'];
const TCP_STEPS = ['17101:tcp', '17202:tcp', '17303:tcp', '17404:tcp'] as const;
const TCP_SEQUENCE = TCP_STEPS.join(',');
const SECRET = new RegExp(`\\b(${ARTICLE_SEQUENCE.map((step) => step.split(':')[0]).join('|')})\\b`);

/** $0 is a port: the first packet to it is lost, before knockd sees it. */
const LOSE_ONCE = `nft add table netdev lose
nft add chain netdev lose in '{ type filter hook ingress device eth0 priority -500; }'
nft add rule netdev lose in meta l4proto '{ tcp, udp }' th dport $0 limit rate over 1000/second burst 1 packets accept
`;

/** What the bastion's user has on PATH besides sh, sleep, grep, cat and getent. */
const TOOLS: Record<string, Record<string, string>> = {
  perl: { sh: '/bin/dash', perl: '/usr/bin/perl' },
  python3: { sh: '/bin/dash', python3: '/usr/bin/python3' },
  'bash only': { sh: '/bin/bash', bash: '/bin/bash' },
  'dash and nc only': { sh: '/bin/dash', nc: '/bin/nc.openbsd' },
  'busybox only': { sh: '/bin/busybox', nc: '/bin/busybox', sleep: '/bin/busybox', grep: '/bin/busybox' },
  nothing: { sh: '/bin/dash' },
  noisy: { sh: '/bin/dash', perl: '/usr/bin/perl' },
  'no forwarding': { sh: '/bin/dash', perl: '/usr/bin/perl' },
};

describeBed('a door that only a bastion sees (KnockVia)', () => {
  let bed: Bed;
  let bastion: Server;
  let person: Person;
  let target: { sshd: Sshd; knockd: Knockd };
  /** The bastion's sshd by what its user has. */
  const sshds = new Map<string, Sshd>();

  beforeAll(async () => {
    bed = await createBed({ clientsBehindRouter: 1 });
    bastion = new Server(bed.router!.name, { ip: BASTION, ip6: 'fd78:0::1' }, newDir('bastion'), bed.keys);
    await bastion.must('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']);
    const guard = new Person(bastion, newDir('guard'), [`${TARGET6} dual.example`, `${TARGET} dual.example`]);
    Object.assign(bastion, { prefix: [...bastion.prefix, ...guard.prefix] }); // so its sshd knows these names
    person = new Person(bed.client, newDir('person'));
    mkdirSync(join(bed.dir, 'run'), { mode: 0o700 });
    let port = 2200;
    for (const [name, programs] of Object.entries(TOOLS)) {
      const bin = newDir(name.replaceAll(' ', '-'));
      if (name === 'noisy') writeFileSync(join(bin, '.bashrc'), 'printf "no end of line"; echo loud >&2\n');
      const all = {
        sleep: '/bin/sleep',
        grep: '/bin/grep',
        cat: '/bin/cat',
        getent: '/usr/bin/getent',
        ...programs,
      };
      for (const [program, path] of Object.entries(all)) symlinkSync(path, join(bin, program));
      sshds.set(
        name,
        await bastion.sshd({
          port: port++,
          env: { PATH: bin, HOME: bin },
          lines: name === 'no forwarding' ? ['AllowTcpForwarding no'] : [],
        }),
      );
    }
    const [sshd, knockd] = await Promise.all([bed.server.sshd(), bed.server.knockd(knockdConf())]);
    target = { sshd, knockd };
  }, 120_000);
  afterAll(() => bed?.close());

  beforeEach(async () => {
    person.forget();
    await target.knockd.restart();
    await bed.server.firewall.article();
    expect(await bastion.probe(TARGET, 22)).toBe('filtered');
    await bed.server.resetCounts();
  });
  afterEach(() => person.leavesNothing());

  for (const name of ['perl', 'python3', 'bash only', 'dash and nc only']) {
    test(`a bastion with ${name}: one login there, one sequence, one connection`, async () => {
      configure(name);
      const before = sshds.get(name)!.logins();
      const opened = target.knockd.opened();
      const result = await ssh('target', 'echo $SSH_CONNECTION');
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).toMatch(/^10\.77\.0\.1 \d+ 10\.77\.0\.2 22\n$/);
      expect(sshds.get(name)!.logins() - before).toBe(1);
      expect(target.knockd.opened() - opened).toBe(1);
      const { syn, udp } = await bed.server.counts();
      const arrived = ARTICLE_SEQUENCE.map((step) => step.split(':')).map(([port, protocol]) =>
        (protocol === 'udp' ? udp : syn).get(Number(port)),
      );
      expect(arrived).toEqual(ARTICLE_SEQUENCE.map(() => 1));
      expect(syn.get(22)).toBe(1);
    });
  }

  /** A socket there fits into the path of a UNIX socket. */
  function ssh(...args: string[]) {
    return person.run('ssh', args, { env: { XDG_RUNTIME_DIR: join(bed.dir, 'run') } });
  }

  test('where busybox is all there is, TCP steps are sent, and a UDP step is refused by name', async () => {
    configure('busybox only');
    const opened = target.knockd.opened();
    const refused = await ssh('target', 'true');
    expect(refused.code).toBe(255);
    expect(refused.stderr).toMatch(/knock_config line 3: KnockVia bastion: bastion has an nc without UDP/);
    expect(target.knockd.opened() - opened).toBe(0);
    const knockd = await bed.server.knockd(knockdConf({ sequence: TCP_STEPS }));
    person.write('knock_config', ['Host target', `KnockSequence ${TCP_SEQUENCE}`, 'KnockVia bastion']);
    expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
    await knockd.stop();
  });

  test.each([
    ['perl', false],
    ['python3', false],
    ['bash only', false],
    // Its ports are arguments in any case; this shows that the others are looked at while they run.
    ['dash and nc only', true],
  ])('%s: the sequence in an argument list of the bastion: %s', async (name, isShown) => {
    configure(name);
    const seen = watchArguments(bastion.name);
    await ssh('target', 'true');
    expect(SECRET.test(seen())).toBe(isShown);
  });

  test('one login at the bastion for all that share its ControlMaster', async () => {
    configure('perl', [
      `ControlPath ${join(bed.dir, 'run', 'cm')}`,
      'ControlMaster auto',
      'ControlPersist 20',
    ]);
    const before = sshds.get('perl')!.logins();
    expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
    const crowd = await Promise.all(Array.from({ length: 8 }, () => ssh('target', 'true')));
    expect(crowd.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(crowd.map(() => '0 '));
    expect(sshds.get('perl')!.logins() - before).toBe(1);
    await ssh('-O', 'exit', 'bastion');
  });

  test('many logins at once: one sequence for those that wait, and all are in', async () => {
    configure('python3');
    const crowd = await Promise.all(Array.from({ length: 12 }, () => ssh('target', 'echo in')));
    expect(crowd.map(({ stdout, stderr }) => stdout + stderr)).toEqual(crowd.map(() => 'in\n'));
  });

  test('a bastion behind a door of its own', async () => {
    configure('bash only', ["ProxyCommand knockproxy -- '%h' %p '%n' '%r'"]);
    const { port } = sshds.get('bash only')!;
    const before = sshds.get('bash only')!.logins();
    const knockd = await bastion.knockd(knockdConf({ sequence: TCP_STEPS, port }), {
      interface: 'client0',
    });
    await bastion.firewall.article();
    try {
      person.write('knock_config', [...DOOR, 'Host bastion', `KnockSequence ${TCP_SEQUENCE}`]);
      expect(await bed.client.probe(BASTION, port)).toBe('filtered');
      expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
      expect(knockd.opened()).toBeGreaterThan(0);
      expect(sshds.get('bash only')!.logins() - before).toBe(1);
    } finally {
      await bastion.flush();
      await knockd.stop();
    }
  });

  test('KnockCloseSequence, also after a session that ends at once', async () => {
    configure('perl');
    const close = '17105,17206,17307';
    person.write('knock_config', [...DOOR, `KnockCloseSequence ${close}`]);
    const closing = {
      name: 'closeSSH',
      sequence: close.split(',').map((port) => `${Number(port)}:tcp` as const),
    };
    const knockd = await bed.server.knockd(knockdConf({ ...closing, cmdTimeoutS: 0 }));
    for (let n = 1; n <= 3; n++) {
      expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
      await waitFor('the closing', () => knockd.opened('closeSSH') === n, 5000);
    }
    await knockd.stop();
  });

  test('the end of a session leaves those that share its connection to the bastion', async () => {
    configure('perl', [`ControlPath ${join(bed.dir, 'run', 'cm')}`, 'ControlMaster auto']);
    const env = { XDG_RUNTIME_DIR: join(bed.dir, 'run') };
    const first = person.spawn('ssh', ['target', 'echo in; cat'], env);
    await first.says('in');
    const second = person.spawn('ssh', ['target', 'echo in; cat'], env);
    await second.says('in');
    first.child.stdin.end();
    expect((await first.end()).code).toBe(0);
    second.child.stdin.end('last words\n');
    expect((await second.end()).code).toBe(0);
    expect(second.stdout).toBe('in\nlast words\n');
    expect(second.stderr).toBe('');
  });

  test('a bastion whose shell prints something, and one that has no sessions by its configuration', async () => {
    configure('noisy', ['SessionType none', 'StdinNull yes', 'RemoteCommand false', 'RequestTTY force']);
    const { code, stderr } = await ssh('target', 'true');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'knockproxy: warning: ssh bastion: loud\n' });
  });

  test('a host with two addresses there, one of which stays shut', async () => {
    configure('perl', [], ['HostName dual.example']);
    await bed.server.must('ip6tables', ['-I', 'INPUT', '1', '-p', 'tcp', '--dport', '22', '-j', 'DROP']);
    expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
    await bed.server.firewall.article();
    expect(await ssh('-4', 'target', 'true')).toMatchObject({ code: 0, stderr: '' });
  });

  test('a lost step: another attempt, with reset knocks', async () => {
    configure('perl');
    const [port] = ARTICLE_SEQUENCE[1]!.split(':');
    // Dropped once, where knockd does not see it either.
    await bed.server.must('sh', ['-c', LOSE_ONCE, port!]);
    const opened = target.knockd.opened();
    try {
      expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await bed.server.must('nft', ['delete', 'table', 'netdev', 'lose']);
    }
    expect(target.knockd.opened() - opened).toBe(1);
  });

  test('a firewall that rejects: no answer is waited for', async () => {
    configure('perl');
    await bed.server.firewall.reject('tcp-reset');
    expect(await ssh('target', 'true')).toMatchObject({ code: 0, stderr: '' });
  });

  test('knockproxy knock sends it from there once', async () => {
    configure('perl');
    const opened = target.knockd.opened();
    expect(await person.run('knockproxy', ['knock', 'target'])).toMatchObject({ code: 0, stderr: '' });
    expect(target.knockd.opened() - opened).toBe(1);
  });

  test('a door that stays shut: what failed, from where, and the next step', async () => {
    configure('perl');
    person.write('knock_config', [
      'Host target',
      'KnockSequence 7000,8000,9000',
      'KnockVia bastion',
      'KnockTimeout 4',
    ]);
    const { code, stderr } = await ssh('target', 'true');
    expect(code).toBe(255);
    expect(stderr).toMatch(/10\.77\.0\.2 port 22 stayed shut for bastion: [1-5] attempts/);
    expect(stderr).toContain('knockproxy check target');
    expect(stderr).not.toMatch(/[789]000/);
  });

  test.each([
    ['nothing to knock with', 'nothing', [], /line 3: KnockVia bastion: it has no perl, python3, bash or nc/],
    [
      'a shell that ends',
      'perl',
      ['Port 1'],
      /ssh bastion: .*Connection refused[\s\S]*ended with status 255/,
    ],
    ['a way back', 'perl', ['ProxyJump target'], /KnockVia bastion leads back to this host/],
    ['no forwarding', 'no forwarding', [], /administratively prohibited[\s\S]*AllowTcpForwarding/],
  ])('a bastion with %s: one clear error', async (_, name, lines, message) => {
    configure(name, lines);
    const { code, stderr } = await ssh('target', 'true');
    expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringMatching(message) });
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('no process stays behind an ssh ended by %s', async (signal) => {
    configure('perl');
    person.write('knock_config', ['Host target', 'KnockSequence 7000,8000,9000', 'KnockVia bastion']);
    const before = await person.processes();
    const login = person.spawn('ssh', ['target', 'true'], { XDG_RUNTIME_DIR: join(bed.dir, 'run') });
    const started = async () => (await person.processes()).length - before.length;
    await waitFor('the ssh processes', async () => (await started()) >= 4, 10_000);
    login.child.kill(signal);
    await waitFor('all of them to end', async () => (await started()) <= 0, 10_000);
  });

  test('check says where the knocks come from, and what fails', async () => {
    configure('perl');
    const fine = await person.run('knockproxy', ['check', 'target']);
    expect(fine).toMatchObject({ code: 0, stderr: '' });
    expect(fine.stdout).toMatch(/ok +via +logged in on bastion, where perl[\s\S]*ok +banner +SSH-2\.0/);
    person.write('knock_config', ['Host target', 'KnockSequence 7000,8000,9000', 'KnockVia bastion']);
    await bed.server.firewall.article();
    const shut = await person.run('knockproxy', ['check', 'target']);
    expect(shut).toMatchObject({ code: 8, stdout: expect.stringMatching(/stayed shut for bastion/) });
  });

  test('what cannot go through a bastion says so before anything is sent', async () => {
    configure('perl');
    for (const command of [
      ['open', 'target'],
      ['listen', '1234', 'target', '22'],
    ]) {
      const { code, stderr, stdout } = await person.run('knockproxy', command);
      expect(code, command[0]).toBe(2);
      expect(stderr + stdout).toMatch(/knock_config line 3: KnockVia: /);
    }
    configure('perl', [], ['ProxyUseFdpass yes']);
    const passed = await ssh('target', 'true');
    expect(passed.stderr).toMatch(/KnockVia cannot pass a socket to ssh/);
    expect((await bed.server.counts()).syn.size).toBe(0);
  });

  function newDir(name: string): string {
    mkdirSync(join(bed.dir, name));
    return join(bed.dir, name);
  }

  /** @param lines of the bastion's block. @param more of the target's. */
  function configure(name: string, lines: readonly string[] = [], more: readonly string[] = []): void {
    const path = bed.sshConfig({
      top: ['Host target', ...more, `HostName ${TARGET}`, "ProxyCommand knockproxy -- '%h' %p '%n' '%r'"],
      host: 'bastion',
      hostName: BASTION,
      lines,
      port: sshds.get(name)!.port,
    });
    person.write('config', [readFileSync(path, 'utf8')]);
    person.write('knock_config', DOOR);
  }
});

/** Collects the argument lists of all processes on a machine until the function that it returns is called. */
function watchArguments(machine: string): () => string {
  const seen = new Set<string>();
  const inode = statSync(`/var/run/netns/${machine}`).ino;
  const look = () => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        if (readlinkSync(`/proc/${pid}/ns/net`) !== `net:[${inode}]`) continue;
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
      } catch {}
    }
  };
  const timer = setInterval(look, 3);
  return () => {
    clearInterval(timer);
    return [...seen].join('\n');
  };
}
