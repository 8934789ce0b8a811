import { writeFileSync } from 'node:fs';
import { test, beforeAll, afterAll, beforeEach } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { CheckScene } from './check-scene.ts';
describeBed('shots', () => {
  let scene: CheckScene;
  beforeAll(async () => { scene = await CheckScene.open(); });
  afterAll(() => scene?.close());
  beforeEach(() => scene.mend());
  test('all', async () => {
    const shot = async (name: string, command: string, columns: number) => {
      const r = await scene.person.run('script', ['-qec', `stty cols ${columns} rows 60; export LANG=C.UTF-8 TERM=xterm; ${command}`, '/dev/null']);
      writeFileSync(`/tmp/shots/${name}-${columns}.ansi`, r.stdout);
    };
    scene.configure({ hostName: 'dual.example' });
    await scene.door();
    await shot('check-ok', 'knockproxy check server --svg /tmp/shots/real.svg', 80);
    await scene.mend(); scene.configure({ hostName: 'dual.example' }); await scene.door();
    await shot('check-ok', 'knockproxy check server', 120);
    for (const columns of [80, 120]) {
      await scene.mend(); scene.configure({});
      await shot('check-fail', 'knockproxy check server', columns);
      await scene.mend(); scene.configure({});
      await shot('status', 'timeout 5 knockproxy server 22 </dev/null', columns);
    }
    await scene.mend(); scene.configure({}); await scene.door();
    writeFileSync('/tmp/shots/check-pipe.txt', (await scene.check()).stdout);
    await scene.mend(); scene.configure({}); await scene.door();
    writeFileSync('/tmp/shots/check-ok.json', (await scene.check(['--json'])).stdout);
  }, 180_000);
});
