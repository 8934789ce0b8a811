import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

describeBed('knockproxy with streams that end at once, through the closed door', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    scene.person.write('knock_config', ['Host *', KNOCK_SEQUENCE]);
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.shut());

  test.each([
    { how: 'an empty stdin', script: 'knockproxy 10.77.0.2 22' },
    { how: 'no stdin', script: 'knockproxy 10.77.0.2 22 <&-' },
    { how: 'stdin and stderr from nowhere', script: 'knockproxy 10.77.0.2 22 < /dev/null 2> /dev/null' },
  ])("$how still gives the server's banner, and ends", async ({ script }) => {
    const result = await scene.person.run('sh', ['-c', `exec ${script}`]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^SSH-2\.0-OpenSSH_.*\r\n$/);
  });

  test('a stdout that nobody reads ends it without a word, though stdin stays open', async () => {
    const knockproxy = scene.person.spawn('knockproxy', ['10.77.0.2', '22']);
    knockproxy.child.stdout.destroy();
    const { signal } = await knockproxy.end();
    expect(signal).toBe(null);
    expect(knockproxy.stderr).toBe('');
    expect(scene.news().connections).toBeGreaterThanOrEqual(1);
  });

  test('no stdout at all ends it without a word', async () => {
    const result = await scene.person.run('sh', ['-c', 'exec knockproxy 10.77.0.2 22 >&-']);
    expect(result).toMatchObject({ signal: null, stdout: '', stderr: '' });
  });
});

describeBed('a knock that this machine refuses to send', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    scene.person.write('knock_config', ['Host *', KNOCK_SEQUENCE]);
  });
  afterAll(() => scene?.close());

  describe.each([
    { where: '10.77.0.2', iptables: 'iptables' },
    { where: 'fd77::2', iptables: 'ip6tables' },
  ])('to $where', ({ where, iptables }) => {
    test.each([
      { step: 4, port: '18101' },
      { step: 10, port: '36191' },
    ])('is told by its number, $step, when the OUTPUT chain drops it', async ({ step, port }) => {
      const rule = ['OUTPUT', '-p', 'udp', '--dport', port, '-j', 'DROP'];
      await scene.bed.client.must(iptables, ['-A', ...rule]);
      const result = await scene.person.run('knockproxy', ['-vvv', where, '22']);
      await scene.bed.client.must(iptables, ['-D', ...rule]);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(
        `knockproxy: error: this machine refuses to send step ${step} of the knock to ${where} (EPERM)\n` +
          'knockproxy: hint: a local firewall rule (OUTPUT chain) drops it',
      );
      expect(result.ms).toBeLessThan(2000);
    });
  });

  test.each(['10.99.0.1', 'fd99::1'])('is told by its number when there is no route to %s', async (where) => {
    const result = await scene.person.run('knockproxy', ['-vvv', where, '22']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`refuses to send step 1 of the knock to ${where} (ENETUNREACH)\n`);
    expect(result.ms).toBeLessThan(2000);
  });
});
