import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { mustRun, waitFor } from '../netns/index.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

describeBed('an rsync daemon behind a door, with no ssh at all', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open({ doors: [{ name: 'rsync', port: 873 }] });
    const { bed, person } = scene;
    mkdirSync(`${bed.dir}/module`);
    writeFileSync(`${bed.dir}/module/numbers`, Array.from({ length: 500_000 }, (_, n) => `${n}\n`).join(''));
    const conf = `use chroot = no\nuid = 0\n[module]\npath = ${bed.dir}/module\nread only = no\n`;
    writeFileSync(`${bed.dir}/rsyncd.conf`, conf);
    const daemon = `exec rsync --daemon --no-detach --config=${bed.dir}/rsyncd.conf < /dev/null`;
    bed.server.spawn('sh', ['-c', daemon]); // with a socket as stdin it would take itself for inetd's
    await waitFor('rsyncd', async () => (await bed.server.probe('127.0.0.1', 873)) === 'open');
    person.write('knock_config', ['Host 10.77.0.2', KNOCK_SEQUENCE]);
  });
  afterAll(() => scene?.close());

  test.each([
    { way: 'to', args: ['-aP', 'FROM/', 'rsync://10.77.0.2/module/up/'] },
    { way: 'from', args: ['-aP', '10.77.0.2::module/', 'TO/'] },
  ])("RSYNC_CONNECT_PROG='knockproxy HOST 873' copies $way it", async ({ way, args }) => {
    const dir = scene.workDir();
    mkdirSync(`${dir}/from`);
    writeFileSync(`${dir}/from/letters`, 'abc\n'.repeat(500_000));
    await scene.shut({ port: 873 });
    const paths = args.map((arg) => arg.replace('FROM', `${dir}/from`).replace('TO', `${dir}/to`));
    const env = { RSYNC_CONNECT_PROG: 'knockproxy %H 873' };
    expect(await scene.person.run('rsync', paths, { env })).toMatchObject({ code: 0, stderr: '' });
    const module = `${scene.bed.dir}/module`;
    await mustRun([
      'diff',
      '-r',
      ...(way === 'to' ? [`${dir}/from`, `${module}/up`] : [module, `${dir}/to`]),
    ]);
    await scene.person.leavesNothing();
  });
}, ['rsync']);
