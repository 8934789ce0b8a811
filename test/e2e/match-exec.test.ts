import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { KNOCK_SEQUENCE, keepsSecret } from './person.ts';
import { Scene } from './scene.ts';

/** For people who cannot, or do not want to, set ProxyCommand. */
const EXAMPLE = 'Match originalhost server exec "knockproxy open server"';

describeBed('Match exec with knockproxy open', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    const path = scene.bed.sshConfig({ top: [] });
    scene.person.write('config', [fs.readFileSync(path, 'utf8'), EXAMPLE, '  ServerAliveInterval 30']);
    scene.person.write('knock_config', ['Host server', KNOCK_SEQUENCE]);
  });
  afterAll(() => scene?.close());

  test('opens the door that ssh then finds open, once and without recursion', async () => {
    await scene.shut();
    expect(await scene.person.run('ssh', ['server', 'echo in'])).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(scene.knockd.opened('openSSH')).toBe(1);
    await scene.person.leavesNothing();
  });

  test('opens it for curl, by hand', async () => {
    await scene.shut();
    expect(await scene.person.run('knockproxy', ['open', '--verify', 'server'])).toMatchObject({ code: 0 });
    expect(await scene.bed.client.probe(scene.bed.server.ip, 22)).toBe('open');
  });

  test('says when the door does not open, with --verify', async () => {
    await scene.shut();
    scene.person.write('knock_config', ['Host server', 'KnockSequence 1,2,3', 'KnockTimeout 1']);
    const result = await scene.person.run('knockproxy', ['open', '--verify', 'server']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^knockproxy: error: .* stayed shut: /);
    keepsSecret(result.stderr);
  });
});

describeBed('a hostile host name in a URL', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    scene.person.write('config', ['Host *', "  ProxyCommand knockproxy '%h' %p '%n'", '  BatchMode yes']);
    scene.person.write('knock_config', ['Match exec "test %h = x"', '  KnockSequence 1,2,3']);
  });
  afterAll(() => scene?.close());

  test.each([
    'ssh://$(touch${IFS}PWNED)/x',
    'ssh://`touch${IFS}PWNED`/x',
    "ssh://a';touch${IFS}PWNED;'/x",
    'ssh://a;touch${IFS}PWNED/x',
    'ssh://a b/x',
    'ssh://-oProxyCommand=touch${IFS}PWNED/x',
  ])('runs nothing: git clone %s', async (url) => {
    const folder = scene.workDir();
    const marker = join(folder, 'PWNED');
    const { code } = await scene.person.run('git', ['clone', url.replace('PWNED', marker)], { cwd: folder });
    expect(code).not.toBe(0);
    expect(fs.existsSync(marker)).toBe(false);
  });

  test.each([
    '$(touch${IFS}PWNED)',
    '`touch${IFS}PWNED`',
    "a';touch${IFS}PWNED;'",
    '-oProxyCommand=x',
    'a\nb',
  ])('runs nothing: knockproxy %j', async (name) => {
    const marker = join(scene.workDir(), 'PWNED');
    const host = name.replace('PWNED', marker);
    const { code, stderr } = await scene.person.run('knockproxy', ['--', host, '22', host]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^knockproxy: error: /);
    expect(fs.existsSync(marker)).toBe(false);
  });
});
