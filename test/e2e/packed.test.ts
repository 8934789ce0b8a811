import { copyFileSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cannotRun, describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, bedUnavailable } from '../netns/index.ts';
import { MAJORS, type NodeVersion, nodeVersion } from '../package/node-versions.ts';
import { buildSingle, install, type Packed, pack } from '../package/pack.ts';
import { MODES, type Mode, Scene } from './scene.ts';

/** Installing is npm's time, and on a busy machine much of it. */
const INSTALL_MS = 400_000;

const found: [string, NodeVersion | string][] = [];
if (bedUnavailable() === undefined) for (const major of MAJORS) found.push([major, await nodeVersion(major)]);

describeBed('the packed program', () => {
  let scene: Scene;
  let packed: Packed;
  beforeAll(async () => {
    scene = await Scene.open();
    packed = await pack(scene.bed.dir);
  }, INSTALL_MS);
  afterAll(() => scene?.close());
  beforeEach(() => scene.shut());

  for (const [major, node] of found) {
    if (typeof node === 'string') cannotRun(`on Node ${major}`, node);
    else describe(`on Node ${major}, installed into an empty folder`, () => onNode(node));
  }

  function onNode(node: NodeVersion): void {
    const folder = () => join(scene.bed.dir, `installed-${node.major}`);
    const ofNode = `${dirname(node.path)}:${process.env.PATH}`;
    const path = () => `${folder()}/node_modules/.bin:${ofNode}`;
    beforeAll(() => install(packed, folder(), ofNode), INSTALL_MS);

    test.each(MODES)('logs in by %s', async (mode) => {
      scene.configure(mode);
      await logsIn(mode, node, join(folder(), 'node_modules/.bin/knockproxy'), path());
    });

    test('is a library', async () => {
      const script = `require('knockproxy').openDoor(JSON.parse(fs.readFileSync(0, 'utf8'))).then((socket) =>
        socket.once('data', (bytes) => socket.destroy(console.log(bytes.toString('latin1', 0, 8)))).resume())`;
      const input = JSON.stringify({ host: scene.bed.server.ip, sequence: ARTICLE_SEQUENCE.join(',') });
      const result = await scene.person.run(node.path, ['-e', script], { cwd: folder(), input });
      expect(result).toMatchObject({ stdout: 'SSH-2.0-\n', stderr: '', code: 0 });
    });
  }

  describe('as a single file with nothing around it', () => {
    let file: string;
    beforeAll(async () => {
      const built = join(scene.workDir(), 'built');
      await buildSingle(built);
      file = join(scene.workDir(), 'knockproxy.cjs');
      copyFileSync(built, file);
    }, INSTALL_MS);

    for (const [major, node] of found) {
      if (typeof node === 'string') continue; // its reason is printed above
      test.each(MODES)(`on Node ${major} logs in by %s`, async (mode) => {
        scene.configure(mode, { proxyCommand: `${node.path} ${file} -- '%h' %p '%n' '%r'` });
        await logsIn(mode, node, file, process.env.PATH!);
      });
    }
  });

  /** One login; while it lasts, the relay is that program on that Node, and there is none once the socket is passed. */
  async function logsIn(mode: Mode, node: Pick<NodeVersion, 'path'>, script: string, PATH: string) {
    const ssh = scene.person.spawn('ssh', ['server', 'echo in; cat'], { PATH });
    await ssh.says('in\n');
    const running = (await scene.person.processes()).flatMap((pid) => commandOf(pid));
    const ours = running.filter(({ words }) => words.includes(script));
    const kept = mode === 'relay' ? [realpathSync(node.path)] : [];
    expect(ours.map(({ program }) => program)).toEqual(kept);
    ssh.child.stdin.end('more\n');
    await ssh.says('more\n');
    expect(await ssh.end()).toMatchObject({ code: 0 });
    expect(ssh.stderr).toBe('');
    expect(scene.news()).toEqual({ connections: 1, logins: 1 });
  }
});

function commandOf(pid: number): { program: string; words: string[] }[] {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return [{ program: readlinkSync(`/proc/${pid}/exe`), words }];
  } catch {
    return []; // it has ended meanwhile
  }
}
