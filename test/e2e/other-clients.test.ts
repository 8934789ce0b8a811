import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cannotRun, describeBed } from '../netns/describe.ts';
import { mustRun } from '../netns/index.ts';
import { KNOCK_SEQUENCE, USER } from './person.ts';
import { Scene } from './scene.ts';

const source = (name: string) => fileURLToPath(new URL(`clients/${name}`, import.meta.url));

/** For which Debian's packages are. */
const PYTHON = '/usr/bin/python3';
const SHORT = "knockproxy -- '%h' %p";
const LONG = "knockproxy -- '%h' %p '%n' '%r'";

/** Whether the library is there: the same program and arguments, short of a login. */
const LIBRARIES: readonly [name: string, program: string, argv: readonly string[]][] = [
  ['paramiko', PYTHON, ['-c', 'import paramiko']],
  ['net-ssh', 'ruby', ['-e', "require 'net/ssh'"]],
  ['libssh', 'sh', ['-c', "echo '#include <libssh/libssh.h>' | cc -E - -o /dev/null"]],
];
const missing = LIBRARIES.filter(([, program, argv]) => spawnSync(program, argv).status !== 0);
const NAME = 'other readers of ssh_config log in by the documented line';

if (missing.length > 0) cannotRun(NAME, `not installed: ${missing.map(([name]) => name).join(', ')}`);
else describeBed(NAME, tests);

function tests(): void {
  let scene: Scene;
  let libssh: string;
  beforeAll(async () => {
    scene = await Scene.open();
    libssh = join(scene.bed.dir, 'libssh_login');
    await mustRun(['cc', '-o', libssh, source('libssh_login.c'), '-lssh']);
  });
  afterAll(() => scene?.close());

  test.each([
    ['paramiko', SHORT],
    ['paramiko', LONG], // leaves %n as it stands
    ['net-ssh', SHORT],
    ['libssh', SHORT],
  ])('%s: %s', async (client, proxyCommand) => {
    scene.configure('relay', { proxyCommand }, [KNOCK_SEQUENCE]);
    await scene.shut();
    const commands: Record<string, [string, ...string[]]> = {
      paramiko: [PYTHON, source('paramiko_login.py')],
      'net-ssh': ['ruby', source('net_ssh_login.rb')],
      libssh: [libssh],
    };
    const [program, ...argv] = commands[client]!;
    const config = join(scene.person.home, '.ssh/config');
    const result = await scene.person.run(program, [...argv, 'server', USER, config]);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(scene.news().logins).toBe(1);
  });
}
