import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { waitFor } from '../netns/index.ts';
import type { Heard } from './child.ts';
import { MODES, Scene } from './scene.ts';

/** A sequence that opens nothing. */
const NEVER = ['KnockSequence 1,2,3', 'KnockTimeout 20'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

describeBed('no knockproxy is left a second after', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());

  describe.each(MODES)('by %s,', (mode) => {
    test.each(SIGNALS)('%s to ssh while we knock', async (signal) => {
      const ssh = await knocking('ssh', 'server', 'true');
      ssh.child.kill(signal);
      await scene.person.leavesNothing();
      expect(await ssh.end()).toMatchObject({ signal });
      expect(ssh.stderr).toBe('');
    });

    test('Ctrl-C, which reaches ssh and us, while we knock', async () => {
      const ssh = await knocking('setsid', 'ssh', 'server', 'true'); // now the leader of a process group, under its own pid
      process.kill(-ssh.child.pid!, 'SIGINT');
      await scene.person.leavesNothing();
      expect(await ssh.end()).toMatchObject({ signal: 'SIGINT' });
      expect(ssh.stderr).toBe('');
    });

    test.each(SIGNALS)('%s to ssh in the session', async (signal) => {
      scene.configure(mode);
      await scene.shut();
      const ssh = scene.person.spawn('ssh', ['server', 'echo in; cat']);
      await ssh.says('in\n');
      expect(await scene.person.knockproxies()).toHaveLength(mode === 'relay' ? 1 : 0);
      ssh.child.kill(signal);
      await scene.person.leavesNothing();
      await ssh.end();
      expect(ssh.stderr).not.toContain('knockproxy');
    });

    /** A login that has sent its knocks and goes on. */
    async function knocking(command: string, ...args: string[]): Promise<Heard> {
      scene.configure(mode, {}, NEVER);
      await scene.shut();
      const child = scene.person.spawn(command, args);
      await waitFor('knocks', async () => (await scene.bed.server.countSyn(3)) > 0);
      expect(await scene.person.knockproxies()).toHaveLength(1);
      return child;
    }
  });

  test('Ctrl-C in a session, which we leave to ssh and the server', async () => {
    scene.configure('relay');
    await scene.shut();
    const ssh = scene.person.spawn('ssh', ['server', 'echo in; cat']);
    await ssh.says('in\n');
    const [relay] = await scene.person.knockproxies();
    process.kill(relay!, 'SIGINT');
    ssh.child.stdin.end('alive\n');
    await ssh.says('alive\n');
    expect(await ssh.end()).toMatchObject({ code: 0 });
    await scene.person.leavesNothing();
  });
});
