import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, knockdConf } from '../netns/index.ts';
import { CheckScene, type Setup } from './check-scene.ts';

const PORTS = ARTICLE_SEQUENCE.map((step) => Number(step.split(':')[0]));
const TCP_PORTS = ARTICLE_SEQUENCE.filter((step) => step.endsWith(':tcp')).map((step) => step.split(':')[0]);
const IPV4_ONLY = knockdConf().replace(/^.*_command_6.*\n/gm, '');
const CLOSING = `${knockdConf({ cmdTimeoutS: 0 })}
[close]
  sequence = 9999:udp,9998:udp
  seq_timeout = 5
  start_command = /sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
`;

/** For a door that opens, however busy the machine is: the scene's own limit holds one attempt. */
const PATIENT = { lines: ['KnockTimeout 8'] };

describeBed('knockproxy check', () => {
  let scene: CheckScene;
  beforeAll(async () => {
    scene = await CheckScene.open();
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.mend());

  const output = (chain: readonly string[]) => scene.bed.client.must('iptables', ['-A', 'OUTPUT', ...chain]);
  const tcpKnocks = ['-p', 'tcp', '-m', 'multiport', '--dports', TCP_PORTS.join(',')];

  describe('says that all is well', () => {
    test('on both families, step by step, and sends nothing but the knock', async () => {
      const { code, stdout } = await scene.checkBroken(undefined, { hostName: 'dual.example' });
      expect(stdout.match(/note {2}knock {4}.*: knocking: 10 packets, as a login does/g)).toHaveLength(2);
      expect(stdout).toMatch(/config {3}the door \(sequence\) of Host server \(.*knock_config line 2\)/);
      expect(stdout).toMatch(/name {5}IPv4 10\.77\.0\.2, IPv6 fd77::2/);
      expect(stdout.match(/port 22 is silent before the knock/g)).toHaveLength(2);
      expect(stdout.match(/port 22 open \d+ ms after the last knock/g)).toHaveLength(2);
      expect(stdout.match(/banner {3}.*: SSH-2\.0-OpenSSH/g)).toHaveLength(2);
      expect(stdout.match(/^knocks {3,}[ \d*|]+ (10 knocks|\d+ in \d attempts)$/gm)).toHaveLength(2);
      expect(stdout.match(/^open {5,}[?#]*#+>? +after \d+ ms$/gm)).toHaveLength(2);
      expect(stdout).toMatch(/^verdict: ok/m);
      expect(code).toBe(0);
      const { syn, udp } = await scene.bed.server.counts();
      expect([...syn.keys(), ...udp.keys()].filter((port) => port !== 22 && !PORTS.includes(port))).toEqual(
        [],
      );
    });

    test('once the door that this machine has just opened is shut again', async () => {
      await scene.open(knockdConf({ cmdTimeoutS: 1 }));
      scene.person.relearn(({ openedAt }) => ({ openedAt: openedAt - 55_000 }));
      const { code, stdout } = await scene.check(['--wait']);
      expect(stdout).toMatch(/ wait {5}.*: this machine opened port 22 5\d s ago: waiting \d s for the door/);
      expect(stdout).toMatch(/port 22 is silent before the knock/);
      expect(stdout).toMatch(/^verdict: ok: /m);
      expect(code).toBe(0);
    });

    test('and closes the door behind it', async () => {
      const lines = ['KnockCloseSequence 9999:udp,9998:udp', ...PATIENT.lines];
      const { code, stdout } = await scene.checkBroken(() => scene.door(CLOSING), { lines });
      expect(stdout).toMatch(/close {4}10\.77\.0\.2: port 22 is closed again/);
      expect(code).toBe(0);
      expect(await scene.bed.client.probe(scene.bed.server.ip, 22)).toBe('filtered');
    });

    test('as JSON', async () => {
      const { code, stdout } = await scene.checkBroken(undefined, {}, ['--json']);
      const found = JSON.parse(stdout);
      expect(found).toMatchObject({ host: 'server', port: 22, class: 'ok', exitCode: 0, problems: [] });
      expect(found.addresses).toMatchObject([{ before: 'silent', after: 'open', banner: { kind: 'ssh' } }]);
      expect(code).toBe(0);
    });
  });

  test('says that it cannot test a door that this machine has just opened', async () => {
    await scene.open();
    await scene.bed.server.resetCounts();
    const { code, stdout } = await scene.check();
    expect(stdout).toMatch(/port 22 is open: this machine opened it \d+ s ago/);
    expect(stdout).toMatch(/^verdict: untested \(exit status 13\)$/m);
    expect(stdout).toMatch(
      /^problem: .* port 22 is open, as this machine opened it \d+ s ago: the knock was not tested$/m,
    );
    expect(stdout).toMatch(/^ {2}to do: .*run 'knockproxy check --wait server'/m);
    expect(code).toBe(13);
    const { syn, udp } = await scene.bed.server.counts();
    expect([[...syn], [...udp]]).toEqual([[[22, 1]], []]);
  });

  describe('names the true cause of silence:', () => {
    const SILENT: [string, RegExp, (() => unknown) | undefined, Setup?][] = [
      ['wrong order', /wrong sequence or order/, undefined, { sequence: [...ARTICLE_SEQUENCE].reverse() }],
      ['a missing step', /a missing or wrong step/, undefined, { sequence: ARTICLE_SEQUENCE.slice(0, -1) }],
      ['knockd stopped', /daemon not running/, () => {}],
      ['knockd on another interface', /wrong interface/, () => scene.door(knockdConf(), { interface: 'lo' })],
      [
        'a window too small',
        /window too small: the knocks took [12]\.\d s.*KnockDelay 150/,
        () => scene.door(knockdConf({ seqTimeoutS: 1 })),
        { lines: ['KnockDelay 150'] },
      ],
      [
        'TCP knocks dropped on their way out',
        /egress filter/,
        async () => {
          await scene.door();
          await output([...tcpKnocks, '-j', 'DROP']);
        },
      ],
      [
        'TCP knocks rejected on their way out',
        /egress filter/,
        async () => {
          await scene.door();
          await output([...tcpKnocks, '-j', 'REJECT']);
        },
      ],
      [
        'some knocks leave from another address',
        /another source address: packets leave from 10\.77\.0\.1/,
        async () => {
          await scene.door();
          const nat = ['-t', 'nat', '-A', 'POSTROUTING', '-p', 'udp', '-j', 'SNAT', '--to', '10.77.0.77'];
          await scene.bed.client.must('iptables', nat);
        },
      ],
      ['another port opened', /another port/, () => scene.door(knockdConf({ port: 2222 }))],
      ['IPv4 commands only', /start_command_6/, () => scene.door(IPV4_ONLY), { hostName: 'fd77::2' }],
    ];
    test.each(SILENT)('%s', async (_, cause, broken, setup) => {
      const result = await scene.checkBroken(broken, setup, ['--all']);
      expect(result).toMatchObject({ code: 8, class: 'silent' });
      expect(result.verdict).toMatch(cause);
    });
  });

  test.each(['10.77.0.99', 'fd77::99'])(
    'knows that a host is off, and does not guess: %s',
    async (hostName) => {
      const result = await scene.checkBroken(() => scene.door(), { hostName });
      expect(result).toMatchObject({ code: 8, class: 'silent' });
      expect(result.verdict).toMatch(
        /nothing on this network has the address .*\n {2}to do: the machine is off/,
      );
      expect(result.verdict).not.toContain('maybe:');
    },
  );

  test('guesses three causes, and tells how to see the others', async () => {
    const { verdict } = await scene.checkBroken(() => {});
    expect(verdict.match(/^ +maybe: /gm)).toHaveLength(3);
    expect(verdict).toMatch(/^ +5 more with --all$/m);
  });

  test('says what the silence of an fwknop door may mean, and the time', async () => {
    scene.writeSpaKeys();
    scene.person.write('knock_config', ['Host server', 'KnockSpaKeyFile ~/.ssh/spa', 'KnockTimeout 0.1']);
    const { code, stdout } = await scene.check();
    expect(stdout).toMatch(/clock {4}20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC here/);
    expect(stdout).toMatch(/^ +maybe: clock: differs from the server's by more than 120 s/m);
    expect(code).toBe(8);
  });

  describe('tells apart', () => {
    test('knocks that this machine refuses to send', async () => {
      const result = await scene.checkBroken(async () => {
        await scene.door();
        await output(['-p', 'udp', '-j', 'DROP']);
      });
      expect(result).toMatchObject({ code: 5, class: 'not-sent' });
      expect(result.verdict).toMatch(/refuses to send step 4 .*\n.*OUTPUT/);
      expect(result.verdict).not.toContain('maybe:');
    });

    test('a server without sshd', async () => {
      await scene.sshd.stop();
      const result = await scene.checkBroken(undefined);
      scene.sshd = await scene.bed.server.sshd();
      expect(result).toMatchObject({ code: 6, class: 'refused' });
      expect(result.verdict).toMatch(/the door opens, but nothing listens/);
    });

    test('a firewall that answers with RST', async () => {
      await scene.bed.server.firewall.reject('tcp-reset');
      const result = await scene.checkBroken(() => {});
      expect(result).toMatchObject({ code: 6, class: 'refused' });
      expect(result.verdict).toMatch(/with a firewall that rejects/);
    });

    test('a firewall that prohibits by ICMP', async () => {
      const rule = ['-A', 'INPUT', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'icmp-admin-prohibited'];
      await scene.bed.server.must('iptables', rule);
      expect(await scene.checkBroken(() => {})).toMatchObject({ code: 7, class: 'prohibited' });
    });

    test.each(['HTTP/1.0 400 Bad Request\r\n\r\n', ''])('a server that says %j', async (says) => {
      const stop = await scene.listener(2222, says);
      scene.configure(PATIENT);
      await scene.door(knockdConf({ port: 2222 }));
      const { code, stdout } = await scene.check(['2222']);
      stop();
      expect(stdout).toMatch(says === '' ? /the server sends nothing/ : /does not speak SSH/);
      expect({ code, stdout }).toMatchObject({
        code: 9,
        stdout: expect.stringContaining('verdict: no-banner'),
      });
    });

    test('a name that does not exist', async () => {
      const result = await scene.checkBroken(() => {}, { hostName: 'nowhere.invalid' });
      expect(result).toMatchObject({ code: 3, class: 'name' });
    });

    test('a network without a route', async () => {
      const result = await scene.checkBroken(() => {}, { hostName: '203.0.113.9' });
      expect(result).toMatchObject({ code: 4, class: 'no-route' });
      expect(result.stdout).not.toMatch(/ok +route/);
    });

    test('a port that is open all the time', async () => {
      const result = await scene.checkBroken(() => scene.bed.server.firewall.open());
      expect(result).toMatchObject({ code: 11, class: 'open-before' });
      expect((await scene.bed.server.counts()).udp.size).toBe(0);
    });

    test('a door that opens on IPv4 only', async () => {
      const result = await scene.checkBroken(() => scene.door(IPV4_ONLY), {
        hostName: 'dual.example',
        lines: ['KnockTimeout 2'],
      });
      expect(result).toMatchObject({ code: 10, class: 'one-family' });
      expect(result.verdict).toMatch(/over IPv4 only: fd77::2 stays shut\n.*start_command_6/);
    });
  });
});
