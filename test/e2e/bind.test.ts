import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE } from '../netns/index.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

const SECOND = '10.88.0.1';
/** A second interface of the client, whose network the server reaches through the client. */
const LINK = `ip link add eth1 type veth peer name far1 && ip addr add ${SECOND}/24 dev eth1 && ip link set far1 up && ip link set eth1 up`;

describeBed('the address that knocks and connects', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    const { client, server } = scene.bed;
    await client.must('sh', ['-c', LINK]);
    await server.must('ip', ['route', 'add', `${SECOND}/32`, 'via', client.ip]);
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    await scene.shut();
    await scene.bed.server.firewall.nft(ARTICLE_SEQUENCE);
  });

  const FIRST = '10.77.0.1';
  test.each([
    { lines: ['BindInterface eth1'], from: SECOND },
    { lines: ['BindInterface eth0'], from: FIRST },
    { lines: [`BindAddress ${FIRST}`, 'BindInterface eth1'], from: FIRST },
    { lines: [], from: FIRST },
  ])('ssh with $lines comes from $from', async ({ lines, from }) => {
    scene.configure('relay', { top: lines });
    const { stdout, stderr } = await scene.person.run('ssh', ['server', 'echo $SSH_CONNECTION']);
    expect(stdout.split(' ')[0], stderr).toBe(from);
  });

  test('an interface that is not there is one clear line', async () => {
    scene.configure('relay', { top: ['BindInterface eth9'] });
    const { stderr } = await scene.person.run('ssh', ['server', 'true']);
    expect(stderr).toMatch(/^knockproxy: error: BindInterface: no interface eth9 with an address is up\n/);
    expect((await scene.bed.server.counts()).syn.size).toBe(0);
  });

  test.each(['knock', 'open'])('%s -b opens the door for that address', async (command) => {
    const { server } = scene.bed;
    scene.person.write('knock_config', [`Host ${server.ip}`, KNOCK_SEQUENCE]);
    expect(await scene.person.run('knockproxy', [command, '-b', SECOND, server.ip])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const { stdout } = await server.must('nft', ['list', 'table', 'inet', 'knockproxy_door']);
    expect(stdout).toContain(`${SECOND} `);
    expect(stdout).not.toMatch(/ 10\.77\.0\.1 /);
  });

  test('listen -b connects from that address', async () => {
    const { server } = scene.bed;
    scene.person.write('knock_config', [`Host ${server.ip}`, KNOCK_SEQUENCE]);
    const listener = scene.person.spawn('knockproxy', ['listen', '2222', '-b', SECOND, server.ip, '22']);
    await listener.says('listening on');
    scene.configure('relay', { proxyCommand: 'none', top: [] });
    scene.person.write('knock_config', [`Host ${server.ip}`, KNOCK_SEQUENCE]);
    const there = ['-o', 'HostName=127.0.0.1', '-p', '2222', 'server', 'echo $SSH_CONNECTION'];
    const { stdout, stderr } = await scene.person.run('ssh', there);
    expect(stdout.split(' ')[0], stderr + listener.stderr).toBe(SECOND);
    listener.child.kill();
    await listener.end();
  });

  test('check warns where the way leads through another interface', async () => {
    scene.configure('relay', { top: ['BindInterface eth1'] });
    const { stdout } = await scene.person.run('knockproxy', ['check', 'server']);
    expect(stdout).toMatch(/warning: packets from 10\.88\.0\.1 \(eth1\) to 10\.77\.0\.2 leave through eth0/);
    scene.configure('relay', { top: ['BindInterface eth0'] });
    expect((await scene.person.run('knockproxy', ['check', 'server'])).stdout).not.toMatch(/leave through/);
  });

  test('check warns of a KnockHost elsewhere, and of a family that it lacks', async () => {
    await scene.bed.client.must('ip', ['route', 'add', '10.99.0.1/32', 'dev', 'eth1']);
    scene.person.write('config', [`Host dual.example\nProxyCommand knockproxy -- '%h' %p '%n' '%r'`]);
    scene.person.write('knock_config', [
      'Host dual.example',
      KNOCK_SEQUENCE,
      'KnockHost 10.99.0.1',
      'KnockTimeout 1',
    ]);
    const { stdout } = await scene.person.run('knockproxy', ['check', 'dual.example']);
    expect(stdout).toMatch(
      /KnockHost 10\.99\.0\.1 has the source address 10\.88\.0\.1, that to 10\.77\.0\.2 has 10\.77\.0\.1:/,
    );
    expect(stdout).toMatch(/dual\.example has IPv6 addresses, 10\.99\.0\.1 has none: only IPv4 is used/);
  });
});
