import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { mustRun } from '../netns/index.ts';
import { type Person, USER } from './person.ts';
import { MODES, Scene } from './scene.ts';

interface Program {
  name: string;
  run(person: Person, dir: string): Promise<unknown>;
}

/** Each with the arguments people use; `dir` holds a tree, `from`, and what must become like it, `to`. */
const PROGRAMS: Program[] = [
  {
    name: 'ssh -v user@host cmd',
    async run(person) {
      const result = await person.run('ssh', ['-v', `${USER}@server`, 'echo "$SSH_CONNECTION"; exit 3']);
      expect(result).toMatchObject({
        code: 3,
        stdout: expect.stringMatching(/^10\.77\.0\.1 \d+ 10\.77\.0\.2 22\n$/),
      });
      expect(result.stderr).toContain("command: exec knockproxy -- '10.77.0.2' 22 'server' ");
    },
  },
  {
    name: 'ssh host cmd, without a word on stderr',
    async run(person) {
      const result = await person.run('ssh', ['server', 'cat; echo out; echo err >&2'], { input: 'in\n' });
      expect(result).toMatchObject({ code: 0, stdout: 'in\nout\n', stderr: 'err\n' });
    },
  },
  {
    name: 'ssh host, at a terminal',
    async run(person) {
      const input = 'echo "tty: $SSH_TTY"; exit 4\n';
      const result = await person.run('script', ['-qec', 'ssh server', '/dev/null'], { input });
      expect(result).toMatchObject({ code: 4, stdout: expect.stringContaining('tty: /dev/pts/') });
      expect(result.stdout).not.toContain('knockproxy:');
    },
  },
  {
    name: 'scp -l 8192 -r, to the server',
    run: (person, dir) => copy(person, dir, 'scp -l 8192 -r FROM server:TO'),
  },
  {
    name: 'scp -l 8192 -r, from the server',
    run: (person, dir) => copy(person, dir, 'scp -l 8192 -r server:FROM TO'),
  },
  {
    name: 'sftp batch',
    run(person, dir) {
      const batch = `mkdir ${dir}/up\nput -r ${dir}/from/. ${dir}/up\nget -r ${dir}/up ${dir}/to\n`;
      writeFileSync(`${dir}/batch`, batch);
      return copy(person, dir, 'sftp -b FROM/../batch server');
    },
  },
  {
    name: 'rsync -aP, to the server',
    run: (person, dir) => copy(person, dir, 'rsync -aP FROM/ server:TO/'),
  },
  {
    name: 'rsync -aP, from the server',
    run: (person, dir) => copy(person, dir, 'rsync -aP server:FROM/ TO/'),
  },
  {
    name: 'git clone ssh://',
    async run(person, dir) {
      const commit = 'git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm message';
      await mustRun(['sh', '-c', commit], { cwd: `${dir}/from` });
      const clone = ['clone', `ssh://${USER}@server${dir}/from`, `${dir}/to`];
      expect(await person.run('git', clone)).toMatchObject({ code: 0 });
      await mustRun(['git', 'fsck', '--strict'], { cwd: `${dir}/to` });
      await same(dir);
    },
  },
];

describeBed('through the closed door', () => {
  let scene: Scene;
  /** Connections that sshd saw and nobody used. */
  let strays = 0;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());

  describe.each(MODES)('by %s works', (mode) => {
    beforeEach(async () => {
      scene.configure(mode);
      await scene.shut();
    });

    test.each(PROGRAMS)('$name', async ({ run }) => {
      const dir = scene.workDir();
      await makeTree(`${dir}/from`);
      await run(scene.person, dir);
      const { connections, logins } = scene.news();
      expect(logins).toBe(1);
      strays += connections - logins;

      await scene.person.leavesNothing();
    });
  });

  test('hardly ever with a second connection that sshd sees', () => {
    expect(strays).toBeLessThanOrEqual(PROGRAMS.length / 3);
  });
}, ['script', 'scp', 'sftp', 'rsync', 'git']);

/** Runs a copying program with the paths in place of FROM and TO, then compares the two. */
async function copy(person: Person, dir: string, commandLine: string): Promise<void> {
  const [command, ...args] = commandLine.replace('FROM', `${dir}/from`).replace('TO', `${dir}/to`).split(' ');
  expect(await person.run(command!, args)).toMatchObject({ code: 0 });
  await same(dir);
}

/** The trees are equal but for git's own files and the empty directories it cannot keep. */
async function same(dir: string): Promise<void> {
  await mustRun(['diff', '-r', '-x', '.git', '-x', 'empty', `${dir}/from`, `${dir}/to`]);
}

async function makeTree(dir: string): Promise<void> {
  mkdirSync(`${dir}/empty`, { recursive: true });
  mkdirSync(`${dir}/a b/c`, { recursive: true });
  writeFileSync(`${dir}/a b/c/numbers`, Array.from({ length: 30_000 }, (_, n) => `${n}\n`).join(''));
  writeFileSync(`${dir}/a b/nothing`, '');
}
