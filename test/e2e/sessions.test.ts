import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { mustRun, waitFor } from '../netns/index.ts';
import { MODES, Scene } from './scene.ts';

const BULK_BYTES = 100 * 2 ** 20;

describeBed('a session through the closed door', () => {
  let scene: Scene;
  let bulk: string;
  beforeAll(async () => {
    scene = await Scene.open();
    bulk = `${scene.bed.dir}/bulk`;
    writeFileSync(bulk, randomBytes(BULK_BYTES));
  });
  afterAll(() => scene?.close());

  describe.each(MODES)('by %s', (mode) => {
    /** How many knockproxy processes a session keeps: the relay, or none once the socket is passed. */
    const kept = mode === 'relay' ? 1 : 0;
    beforeEach(async () => {
      scene.configure(mode);
      await scene.shut();
    });

    test(`keeps ${kept} knockproxy processes, and none after its end`, async () => {
      const { person } = scene;
      const ssh = person.spawn('ssh', ['server', 'echo in; cat; exit 5']);
      await ssh.says('in\n');
      expect(await person.knockproxies()).toHaveLength(kept);
      ssh.child.stdin.end('more\n');
      await ssh.says('more\n');
      expect(await ssh.end()).toMatchObject({ code: 5 });
      await person.leavesNothing();
    });

    test('outlives the door that shuts behind it', async () => {
      const ssh = scene.person.spawn('ssh', ['server', 'echo in; cat']);
      await ssh.says('in\n');
      await scene.shut();
      ssh.child.stdin.end('still here\n');
      await ssh.says('still here\n');
      expect(await ssh.end()).toMatchObject({ code: 0 });
    });

    test.each([
      ['to', `ssh server 'cat > COPY' < BULK`],
      ['from', `ssh server 'cat BULK' > COPY`],
    ])('carries 100 MiB %s the server unchanged', async (_, script) => {
      const copy = `${scene.workDir()}/copy`;
      const line = script.replace('COPY', copy).replace('BULK', bulk);
      expect(await scene.person.run('sh', ['-c', line])).toMatchObject({ code: 0, stderr: '' });
      await mustRun(['cmp', bulk, copy]);
      await mustRun(['rm', copy]);
    });

    test('forwards a port by ssh -N -L', async () => {
      const { person, bed } = scene;
      const tunnel = person.spawn('ssh', ['-N', '-L', '2022:127.0.0.1:22', 'server']);
      await waitFor('the tunnel', async () => (await bed.client.probe('127.0.0.1', 2022)) === 'open');
      const inner = ['-p', '2022', '127.0.0.1', 'echo "$SSH_CONNECTION"'];
      const result = await person.run('ssh', inner);
      expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/ 127\.0\.0\.1 22\n$/) });
      expect(await person.knockproxies()).toHaveLength(kept);
      tunnel.child.kill();
      await tunnel.end();
      await person.leavesNothing();
    });

    test('serves as a ControlPersist master for others while the door is shut again', async () => {
      const { person } = scene;
      scene.configure(mode, { lines: MASTER });
      expect(await person.run('ssh', ['server', 'echo one'])).toMatchObject({ code: 0, stdout: 'one\n' });
      await scene.shut();
      expect(await person.run('ssh', ['server', 'echo two'])).toMatchObject({ code: 0, stdout: 'two\n' });
      expect(scene.news()).toEqual({ connections: 0, logins: 0 });
      expect(await person.knockproxies()).toHaveLength(kept);
      expect(await person.run('ssh', ['-O', 'exit', 'server'])).toMatchObject({ code: 0 });
      await person.leavesNothing();
    });
  });

  test("a master's failure reaches the user in-band, since its helper's stderr is /dev/null", async () => {
    scene.configure('relay', { lines: MASTER }, ['KnockSequence 1,2,3', 'KnockTimeout 1']);
    await scene.shut();
    const result = await scene.person.run('ssh', ['server', 'true']);
    expect(result).toMatchObject({ code: 255, stdout: '' });
    const reason = /^Received disconnect from .*:11: knockproxy: error: .* port 22 stayed shut: .*no answer/m;
    expect(result.stderr).toMatch(reason);
    expect(result.stderr.match(/stayed shut/g)).toHaveLength(1);
  });
});

const MASTER = ['ControlMaster auto', 'ControlPath ~/.ssh/master', 'ControlPersist 60'];
