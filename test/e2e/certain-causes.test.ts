import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, knockdConf } from '../netns/index.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { MODES, Scene } from './scene.ts';

const WRONG = 'KnockSequence 1:udp,2:udp';
const NEXT = /^knockproxy: hint: run 'knockproxy check server'$/m;
/** What only a guess says. */
const GUESS = /may be wrong|may be down|may be filtered/;

const login = (scene: Scene) => scene.person.run('ssh', ['server', 'true']);

describe.each(MODES)('by %s', (mode) => {
  describeBed('a login that sees silence turn into RST', () => {
    let scene: Scene;
    beforeAll(async () => {
      scene = await Scene.open();
      await Promise.all([scene.knockd.stop(), scene.sshd.stop(), scene.bed.server.firewall.article()]);
      // Slow enough for connects that are silent.
      const slow = knockdConf({ cmdTimeoutS: 0 }).replace(/(start_command(?:_6)?\s*= )/g, '$1sleep 2 && ');
      await scene.bed.server.knockd(slow);
    });
    afterAll(() => scene?.close());

    test('says that nothing listens, and stops knocking', async () => {
      scene.configure(mode, {}, [KNOCK_SEQUENCE]);
      const { code, stderr } = await login(scene);
      expect(code).toBe(255);
      expect(stderr).toMatch(
        /^knockproxy: error: 10\.77\.0\.2 port 22: the door opens, but nothing listens /m,
      );
      expect(stderr).toMatch(/^knockproxy: hint: start sshd on the server, or correct Port/m);
      expect(stderr).toMatch(NEXT);
      expect(stderr).not.toMatch(GUESS);
    });
  });
});

describeBed('a login at a door that opens at once', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    await Promise.all([scene.knockd.stop(), scene.bed.server.firewall.nft(ARTICLE_SEQUENCE)]);
    scene.configure('relay');
  });
  afterAll(() => scene?.close());

  /** Shuts the door, runs the command, and counts the sequences and the SYNs to port 22 that arrived. */
  async function counted(run: () => Promise<{ code: number | null; stderr: string }>) {
    const { server } = scene.bed;
    await server.firewall.shutNft(ARTICLE_SEQUENCE);
    await server.resetCounts();
    const { code, stderr } = await run();
    const [port, protocol] = ARTICLE_SEQUENCE[0]!.split(':');
    const { syn, udp } = await server.counts();
    return { code, stderr, sequences: (protocol === 'udp' ? udp : syn).get(Number(port)), syns: syn.get(22) };
  }

  /** As if a minute had passed: then no limit on new connections can explain what follows. */
  const forgetConnects = () => scene.person.relearn(() => ({ synsAt: [] }));

  const NOTHING_LISTENS = /^knockproxy: error: 10\.77\.0\.2 port 22: the door opens, but nothing listens /m;

  test('stops soon when sshd is down, and is certain with the next login', async () => {
    for (let n = 0; n < 4; n++)
      expect(await counted(() => login(scene))).toMatchObject({ code: 0, sequences: 1, syns: 1 });
    await scene.sshd.stop();
    forgetConnects();
    const first = await counted(() => login(scene));
    expect(first).toMatchObject({ code: 255, sequences: 4 });
    expect(first.stderr).toMatch(/stayed shut: 4 attempts in .*, refused \(RST/);
    expect(first.stderr).toMatch(/^knockproxy: hint: start sshd on the server, or correct Port/m);
    expect(first.stderr).not.toMatch(GUESS);
    const second = await counted(() => login(scene));
    expect(second).toMatchObject({ code: 255, sequences: 1, syns: 3 });
    expect(second.stderr).toMatch(NOTHING_LISTENS);
    expect(second.stderr).toMatch(NEXT);
  });

  test('is certain at once where checks have seen the port silent', async () => {
    scene.person.forget();
    const sshd = await scene.bed.server.sshd();
    for (let n = 0; n < 2; n++)
      expect(await counted(() => scene.person.run('knockproxy', ['check', 'server']))).toMatchObject({
        code: 0,
      });
    await sshd.stop();
    forgetConnects();
    const failed = await counted(() => login(scene));
    expect(failed.code).toBe(255);
    expect(failed.sequences).toBeLessThanOrEqual(2);
    expect(failed.stderr).toMatch(NOTHING_LISTENS);
  });
});

describeBed('a login that knows why it fails', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    await scene.shut();
    await scene.bed.client.must('sh', ['-c', 'iptables -w -F && ip6tables -w -F']);
  });

  test('because a firewall of this machine drops the knocks of one family', async () => {
    scene.configure('relay', { hostName: 'dual.example' }, [WRONG, 'KnockTimeout 1']);
    await scene.bed.client.must('ip6tables', ['-w', '-A', 'OUTPUT', '-p', 'udp', '-j', 'DROP']);
    const { stderr } = await login(scene);
    expect(stderr).toMatch(
      /stayed shut: .*, no answer, and this machine refuses to send step 1 of the knock to fd77::2 \(EPERM\)$/m,
    );
    expect(stderr).toMatch(/^knockproxy: hint: a local firewall rule \(OUTPUT chain\) drops it/m);
    expect(stderr).toMatch(NEXT);
    expect(stderr).not.toMatch(GUESS);
  });

  test('because nothing on this network has the address', async () => {
    scene.configure('relay', { hostName: '10.77.0.99' }, [WRONG, 'KnockTimeout 1']);
    const { stderr } = await login(scene);
    expect(stderr).toMatch(
      /stayed shut: .*, and nothing on this network has that address \(no answer to ARP\)$/m,
    );
    expect(stderr).toMatch(/^knockproxy: hint: the machine is off, or the address is wrong$/m);
    expect(stderr).toMatch(NEXT);
    expect(stderr).not.toMatch(GUESS);
  });
});

describeBed('a host whose door is not configured any more', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());

  const LOST =
    /^knockproxy: warning: no door is configured for server, which had one: no knocks were sent; trying to connect for at most 2 s$/m;

  async function loseDoor(lines: readonly string[] = []): Promise<void> {
    await scene.shut();
    scene.configure('relay', {}, [KNOCK_SEQUENCE]);
    expect(await login(scene)).toMatchObject({ code: 0 });
    await scene.knockd.restart();
    await scene.bed.server.firewall.article();
    scene.configure('relay', { lines }, ['KnockDelay 20']);
  }

  test('knocks no more, says so at once, and waits as long as ssh is told to', async () => {
    await loseDoor(['ConnectTimeout 2']);
    const { code, stderr, ms } = await login(scene);
    expect(code).toBe(255);
    expect(stderr).toMatch(LOST);
    expect(stderr).toMatch(/^knockproxy: error: could not connect to 10\.77\.0\.2 port 22: no answer/m);
    expect(stderr).toMatch(/^knockproxy: hint: to configure its door again: knockproxy add server$/m);
    expect(stderr).toMatch(NEXT);
    expect(ms).toBeLessThan(4000);
  });

  test('is not warned of once it answers without a knock', async () => {
    await loseDoor();
    await scene.bed.server.firewall.open();
    const first = await login(scene);
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('trying to connect for at most 20 s'),
    });
    expect(await login(scene)).toMatchObject({ code: 0, stderr: '' });
  });

  test('is known by its block, too, and not where a line says none', async () => {
    await loseDoor(['ConnectTimeout 2']);
    scene.person.forget();
    scene.person.write('knock_config', ['# >>> knockproxy server (taken out by: knockproxy remove server)']);
    expect((await login(scene)).stderr).toMatch(LOST);
    scene.person.write('knock_config', ['Host server', 'KnockSequence none']);
    expect((await login(scene)).stderr).not.toMatch(LOST);
    rmSync(join(scene.person.home, '.ssh', 'knock_config'));
  });
});
