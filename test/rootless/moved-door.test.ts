import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigHome } from '../cli/config-home.ts';
import { installed } from '../netns/available.ts';
import { cannotRun } from '../netns/describe.ts';
import { createScene } from './scene.ts';

if (installed('ssh')) describe('a door moved to another machine', tests);
else cannotRun('a door moved to another machine', 'not installed: ssh');

function tests(): void {
  it('ssh logs in through what import wrote from list --export', async () => {
    const made = await createScene();
    try {
      const from = new ConfigHome({
        text: `Host web\n  HostName 127.0.0.1\n  Port ${made.door.targetPort}\n`,
      });
      from.write('knock/knock_config', `Host web\n  KnockSequence ${made.door.sequence}\n`);
      const exported = from.run(['list', '--export', '--with-secrets', 'web']).stdout;
      const keys = readFileSync(join(made.home, 'ssh_config'), 'utf8')
        .split('\n')
        .filter((line) => /^ *(Identit|UserKnown|GlobalKnown|HostKeyAlias|StrictHost|User )/.test(line));
      const to = new ConfigHome({ text: `Host *\n${keys.join('\n')}\n` });
      writeFileSync(join(to.folder, 'doors'), exported);
      expect(to.run(['import', join(to.folder, 'doors'), '--host', 'web', '--yes']).status).toBe(0);
      const { status, stdout, stderr } = await made.ssh('-F', to.config, 'web', 'echo hello');
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
      expect(made.knocks.map(({ step }) => step)).toEqual([1, 2, 3]);
      expect(made.accepted()).toBe(1);
    } finally {
      await made.close();
    }
  });
}
