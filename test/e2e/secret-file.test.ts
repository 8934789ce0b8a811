import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE } from '../netns/index.ts';
import { Scene } from './scene.ts';

describeBed('KnockSequenceFile', () => {
  let scene: Scene;
  let file: string;

  beforeAll(async () => {
    scene = await Scene.open();
    file = join(scene.person.home, 'server.knock');
    writeFileSync(file, `# the article's\n\n${ARTICLE_SEQUENCE.join(' ')}\n`);
    scene.configure('relay', {}, ['KnockSequenceFile ~/%n.knock']);
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.shut());

  test('opens the door', async () => {
    chmodSync(file, 0o600);
    expect(await scene.person.run('ssh', ['server', 'true'])).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(['640', '604', '644'])(
    'that others can read (%s) is refused with the chmod that mends it',
    async (mode) => {
      chmodSync(file, Number.parseInt(mode, 8));
      const { code, stderr } = await scene.person.run('ssh', ['server', 'true']);
      expect(code).toBe(255);
      expect(stderr).toContain(`line 2: other users can access the sequence in ${file} (mode 0${mode})\n`);
      const [, mend] = /hint: (chmod .*)\n/.exec(stderr)!;
      await scene.person.run('sh', ['-c', mend!]);
      expect(await scene.person.run('ssh', ['server', 'true'])).toMatchObject({ code: 0, stderr: '' });
    },
  );
});
