import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cannotRun, describeBed } from '../netns/describe.ts';
import { mustRun, run } from '../netns/index.ts';
import { KNOCK_SEQUENCE, USER } from './person.ts';
import { MODES, Scene } from './scene.ts';

const NAME = 'why add writes ProxyUseFdpass only when asked';
const source = (name: string) => fileURLToPath(new URL(`clients/${name}`, import.meta.url));
const hasLibssh =
  spawnSync('sh', ['-c', "echo '#include <libssh/libssh.h>' | cc -E - -o /dev/null"]).status === 0;

if (!hasLibssh) cannotRun(NAME, 'not installed: libssh');
else describeBed(NAME, tests);

/** docs/design.md names these: where one of them changes, so may the default. */
function tests(): void {
  let scene: Scene;
  let libssh: string;
  beforeAll(async () => {
    scene = await Scene.open();
    libssh = join(scene.bed.dir, 'libssh_login');
    await mustRun(['cc', '-o', libssh, source('libssh_login.c'), '-lssh']);
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.shut());

  const loggedIn = { code: 0, stdout: 'in\n' };
  const failed = { stdout: '' };
  const PROXY = { proxyCommand: "knockproxy -- '%h' %p" };

  test.each(MODES)('libssh logs in by relay only: %s', async (mode) => {
    scene.configure(mode, PROXY);
    const config = join(scene.person.home, '.ssh/config');
    const result = await scene.person.run(libssh, ['server', USER, config]);
    expect(result).toMatchObject(mode === 'relay' ? loggedIn : failed);
  });

  test.each(MODES)(
    'another ProxyCommand on the command line works by relay only, a jump by both: %s',
    async (mode) => {
      const { server } = scene.bed;
      await open();
      const bastion = ['Host bastion', `HostName ${server.ip6}`, `HostKeyAlias ${server.ip}`];
      scene.configure(mode, { ...PROXY, top: bastion });
      const other = await scene.person.run('ssh', ['-o', 'ProxyCommand=nc %h %p', 'server', 'echo in']);
      expect(other).toMatchObject(mode === 'relay' ? loggedIn : failed);
      if (mode === 'fdpass') expect(other.stderr).toContain('proxy dialer did not pass back a connection');
      expect(await scene.person.run('ssh', ['-J', 'bastion', 'server', 'echo in'])).toMatchObject(loggedIn);
    },
  );

  test.each(MODES)('with ControlPersist the reason of a failure is shown by relay only: %s', async (mode) => {
    scene.configure(mode, PROXY, [KNOCK_SEQUENCE.replace(/,[^,]*$/, ''), 'KnockTimeout 1']);
    const path = join(scene.workDir(), 'master');
    const master = ['-o', `ControlPath=${path}`, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=5'];
    const { code, stderr } = await scene.person.run('ssh', [...master, 'server', 'echo in']);
    expect(code).toBe(255);
    expect(stderr.includes('stayed shut')).toBe(mode === 'relay');
  });

  /** The server without a firewall. */
  async function open(): Promise<void> {
    const rules = ['iptables', 'ip6tables'].map((name) => `${name} -P INPUT ACCEPT; ${name} -F`).join('; ');
    await run(['nsenter', `--net=/run/netns/${scene.bed.server.name}`, 'sh', '-ec', rules]);
  }
}
