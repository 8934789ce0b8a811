import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { MODES, Scene } from './scene.ts';

const NEVER = 'KnockSequence 1,2,3';

/** What the firewall does to the SYN of a direct connect, and what we say of it. */
const ANSWERS = [
  { reject: undefined, code: 'no answer', hint: /the knock daemon may be down/ },
  { reject: 'tcp-reset', code: '(ECONNREFUSED)', hint: /firewall that rejects/ },
  { reject: 'icmp-port-unreachable', code: '(ECONNREFUSED)', hint: /firewall that rejects/ },
  { reject: 'icmp-admin-prohibited', code: '(EHOSTUNREACH)', hint: /firewall that answers "prohibited"/ },
];

describeBed('a door that stays shut', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open({ wire: {} }); // ICMP errors need the wire
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.shut());

  describe('ends the login within half a second of its limit, with its reason:', () => {
    test('KnockTimeout', async () => {
      scene.person.write('knock_config', ['Host *', NEVER, 'KnockTimeout 1.5']);
      const { code, stdout, stderr, ms } = await scene.person.run('knockproxy', ['10.77.0.2', '22']);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const [error, hint, next, ...rest] = stderr.split('\n');
      expect(error).toMatch(
        /^knockproxy: error: 10\.77\.0\.2 port 22 stayed shut: \d+ attempts? in 1\.\d s, no answer$/,
      );
      expect(hint).toMatch(/^knockproxy: hint: /);
      expect(next).toBe("knockproxy: hint: run 'knockproxy check 10.77.0.2'");
      expect(rest).toEqual(['']);
      expectNear(ms, 1500);
    });

    test('8 s when nothing is said', async () => {
      scene.person.write('knock_config', ['Host *', NEVER]);
      const { code, stderr, ms } = await scene.person.run('knockproxy', ['10.77.0.2', '22']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/ stayed shut: \d+ attempts? in [78]\.\d s, no answer$/m);
      // The last attempt is made shortly before the limit, and its answer waited for.
      expectNear(ms, 8000, 600);
    });

    test.each([
      ...MODES.map((mode) => ({ mode, connectS: 2, knockS: 60, limitMs: 1500 })),
      { mode: 'relay' as const, connectS: 60, knockS: 1, limitMs: 1000 },
    ])('ConnectTimeout $connectS s, KnockTimeout $knockS s, by $mode', async (row) => {
      const { mode, connectS, knockS, limitMs } = row;
      scene.configure(mode, { lines: [`ConnectTimeout ${connectS}`] }, [NEVER, `KnockTimeout ${knockS}`]);
      const { code, stderr, ms } = await scene.person.run('ssh', ['server', 'true']);
      expect(code).toBe(255);
      expect(stderr).toMatch(/^knockproxy: error: 10\.77\.0\.2 port 22 stayed shut: /m);
      expect(stderr).not.toContain('timed out');
      expectNear(ms, limitMs);
    });

    /** ssh and the shell start first: they are given 0.1 s. */
    function expectNear(ms: number, limitMs: number, soonerMs = 0): void {
      expect(ms).toBeGreaterThanOrEqual(limitMs - soonerMs);
      expect(ms).toBeLessThan(limitMs + 600);
    }
  });

  test.each(ANSWERS)(
    'says why when a connect is answered by $reject: $code',
    async ({ reject, code, hint }) => {
      const rule = ['-A', 'INPUT', '-p', 'tcp', '-j', 'REJECT', '--reject-with'];
      // Else the kernel answers a few connects, then one a second (icmp(7)), and the tests before this one had those.
      await scene.bed.server.must('sysctl', ['-qw', 'net.ipv4.icmp_ratelimit=0']);
      if (reject) await scene.bed.server.must('iptables', [...rule, reject]);
      scene.configure('relay', { proxyCommand: "knockproxy -vvv -- '%h' %p '%n'" }, [
        NEVER,
        'KnockTimeout 1',
      ]);
      const { stderr } = await scene.person.run('ssh', ['server', 'true']);
      const [, reason] = /^knockproxy: error: 10\.77\.0\.2 port 22 stayed shut: .* s, (.*)$/m.exec(stderr)!;
      expect(reason).toContain(code);
      expect(/^knockproxy: hint: (.*)/m.exec(stderr)![1]).toMatch(hint);
    },
  );

  test('shows that it goes on after a second, on a terminal, and wipes that away', async () => {
    scene.configure('relay', {}, [NEVER, 'KnockTimeout 2']);
    const { stdout } = await scene.person.run('script', ['-qec', 'ssh server true', '/dev/null']);
    const shown = '\r\x1b[Kknockproxy: opening 10.77.0.2: attempt ';
    expect(stdout).toContain(shown);
    const wiped = stdout.slice(stdout.lastIndexOf(shown) + shown.length).replace('\r\x1b[K', ' WIPED ');
    expect(wiped).toMatch(/^\d+, 1 s WIPED knockproxy: error: /);
  });
});

describeBed('a door whose firewall rejects', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open({ wire: {} });
  });
  afterAll(() => scene?.close());

  describe.each(['tcp-reset', 'icmp'] as const)('by %s', (answer) => {
    test.each(['10.77.0.2', 'fd77::2'])('opens all the same, on %s', async (hostName) => {
      scene.configure('relay', { hostName, proxyCommand: "knockproxy -vvv -- '%h' %p '%n'" }, [
        KNOCK_SEQUENCE,
      ]);
      await scene.shut({ answer });
      const result = await scene.person.run('ssh', ['server', 'echo in']);
      expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
      expect(result.stderr).toMatch(/^knockproxy: debug1: .*attempt 1: /m);
    });
  });
});
