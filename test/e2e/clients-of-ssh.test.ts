import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cannotRun, describeBed } from '../netns/describe.ts';
import { waitFor } from '../netns/index.ts';
import { type Person, USER } from './person.ts';
import { Scene } from './scene.ts';

/** As README documents it, short of names that are optional. */
const PROXY_COMMAND = "knockproxy -- '%h' %p";

/** Debian's packages are for Debian's Python. */
const PYTHON = '/usr/bin/python3';

/** Of the server, whose firewall lets nobody in there. */
const INSIDE = '10.99.0.1';

const ASYNCSSH = `
import asyncio, asyncssh
async def main():
    async with asyncssh.connect('server') as connection:
        print((await connection.run('echo in')).stdout, end='')
asyncio.run(main())
`;

/** Fabric reads ~/.ssh/config by paramiko, and keeps its known hosts to itself. */
const FABRIC = `
import fabric
with fabric.Connection('server') as connection:
    print(connection.run('echo in', hide=True).stdout, end='')
`;

const TRAMP = (file: string) => `(progn
  (setq tramp-verbose 1 tramp-histfile-override t)
  (with-temp-buffer (insert-file-contents "/ssh:server:${file}") (princ (buffer-string)))
  (write-region "written" nil "/ssh:server:${file}.new"))`;

interface Client {
  readonly name: string;
  /** How many logins it needs. */
  readonly logins: number;
  run(person: Person, dir: string): Promise<void>;
}

/** Each with what people use it for; \`dir\` has a file \`from/text\`. */
const CLIENTS: readonly Client[] = [
  {
    name: 'asyncssh',
    logins: 1,
    async run(person) {
      const argv = ['-W', 'ignore', '-c', ASYNCSSH];
      expect(await person.run(PYTHON, argv, PATIENT)).toMatchObject({ code: 0, stdout: 'in\n' });
    },
  },
  {
    name: 'Fabric',
    logins: 1,
    async run(person) {
      const argv = ['-W', 'ignore', '-c', FABRIC];
      expect(await person.run(PYTHON, argv, PATIENT)).toMatchObject({ code: 0, stdout: 'in\n' });
    },
  },
  {
    name: 'restic',
    logins: 4,
    async run(person, dir) {
      const env = {
        RESTIC_PASSWORD: 'x',
        RESTIC_REPOSITORY: `sftp:server:${dir}/to`,
        RESTIC_CACHE_DIR: `${dir}/cache`,
      };
      const script = `restic init && restic backup ${dir}/from && restic restore latest --target ${dir}/restored`;
      await mustRunFor(person, script, env);
      expect(readFileSync(`${dir}/restored${dir}/from/text`, 'utf8')).toBe('text\n');
    },
  },
  {
    name: 'borg',
    logins: 3,
    async run(person, dir) {
      const env = {
        BORG_REPO: `ssh://${USER}@server${dir}/to`,
        BORG_BASE_DIR: `${dir}/base`,
        BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
      };
      const script = `borg init -e none && cd ${dir}/from && borg create ::one . && cd ${dir}/out && borg extract ::one`;
      mkdirSync(`${dir}/out`);
      await mustRunFor(person, script, env);
      expect(readFileSync(`${dir}/out/text`, 'utf8')).toBe('text\n');
    },
  },
  {
    name: 'sshfs',
    logins: 1,
    async run(person, dir) {
      mkdirSync(`${dir}/mount`);
      const copy = `cp ${dir}/mount/text ${dir}/copy && echo back >${dir}/mount/back`;
      await mustRunFor(
        person,
        `sshfs server:${dir}/from ${dir}/mount && ${copy}; e=$?; fusermount3 -u ${dir}/mount; exit $e`,
      );
      expect(readFileSync(`${dir}/copy`, 'utf8')).toBe('text\n');
      expect(readFileSync(`${dir}/from/back`, 'utf8')).toBe('back\n');
    },
  },
  {
    name: 'sshuttle',
    logins: 1,
    async run(person) {
      const tunnel = person.spawn('sshuttle', ['--method', 'nft', '-r', 'server', `${INSIDE}/32`]);
      const banner = ['2', 'bash', '-c', `exec 3<>/dev/tcp/${INSIDE}/22 && head -c 7 <&3`];
      try {
        const greets = async () => (await person.run('timeout', banner)).stdout === 'SSH-2.0';
        await waitFor('the tunnel', greets, 30_000);
      } finally {
        tunnel.child.kill();
        await tunnel.end();
      }
    },
  },
  {
    name: 'TRAMP',
    logins: 1,
    async run(person, dir) {
      const result = await person.run(
        'emacs',
        ['-Q', '--batch', '--eval', TRAMP(`${dir}/from/text`)],
        PATIENT,
      );
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('text\n') });
      expect(readFileSync(`${dir}/from/text.new`, 'utf8')).toBe('written');
    },
  },
];

const PATIENT = { timeoutMs: 50_000 };

async function mustRunFor(person: Person, script: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const result = await person.run('sh', ['-c', script], { ...PATIENT, env });
  expect(result, result.stderr).toMatchObject({ code: 0 });
}

const NAME = 'programs that run ssh, and two that do not, log in through the closed door';
const hasLibraries = spawnSync(PYTHON, ['-W', 'ignore', '-c', 'import asyncssh, fabric']).status === 0;

if (hasLibraries) describeBed(NAME, tests, ['restic', 'borg', 'sshfs', 'sshuttle', 'emacs']);
else cannotRun(NAME, 'not installed: python3-asyncssh or fabric');

function tests(): void {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    const { server, client } = scene.bed;
    await server.must('ip', ['address', 'add', `${INSIDE}/32`, 'dev', 'lo']);
    await client.must('ip', ['route', 'add', `${INSIDE}/32`, 'via', server.ip]);
    scene.configure('relay', { proxyCommand: PROXY_COMMAND });
  });
  afterAll(() => scene?.close());

  test.each(CLIENTS)(
    '$name',
    async ({ logins, run }) => {
      await scene.shut();
      const dir = scene.workDir();
      mkdirSync(join(dir, 'from'));
      writeFileSync(join(dir, 'from/text'), 'text\n');
      await run(scene.person, dir);
      expect(scene.news().logins).toBe(logins);
      await scene.person.leavesNothing();
    },
    180_000,
  );
}
