import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { processTree } from '../../src/processes/process-tree.ts';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, waitFor } from '../netns/index.ts';
import type { Heard } from './child.ts';
import { keepsSecret } from './person.ts';
import { MODES, Scene } from './scene.ts';

const SEQUENCE = ARTICLE_SEQUENCE.join(',');

/** Like pass(1) with gpg's pinentry on the terminal: notes below the secret, and echo off while it asks. */
const PASS = (log: string) => `#!/bin/sh
echo "$$ $*" >>${log}
trap 'stty echo </dev/tty; exit 130' TERM INT
stty -echo </dev/tty
printf 'PIN: ' >/dev/tty
read pin </dev/tty
stty echo </dev/tty
[ "$pin" = 1234 ] || { echo 'gpg: bad PIN' >&2; exit 2; }
printf '\\n${SEQUENCE}\\nurl: ssh://server\\n'
`;

describeBed('KnockSequenceCommand', () => {
  let scene: Scene;
  let pass: string;
  let log: string;

  beforeAll(async () => {
    scene = await Scene.open();
    log = join(scene.bed.dir, 'pass.log');
    pass = program('pass', PASS(log));
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    writeFileSync(log, '');
    await scene.shut();
  });

  function program(name: string, text: string): string {
    const file = join(scene.bed.dir, name);
    writeFileSync(file, text, { mode: 0o755 });
    return file;
  }

  const runs = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);

  /** ssh on a terminal of its own, up to the question. */
  async function asked(command = 'echo in'): Promise<Heard> {
    const ssh = scene.person.spawn('script', ['-qec', `ssh server '${command}'`, '/dev/null']);
    await ssh.says('PIN: ');
    return ssh;
  }

  /** All that a terminal showed. */
  function screen(ssh: Heard): string {
    keepsSecret(ssh.stdout);
    return ssh.stdout;
  }

  describe.each(MODES)('by %s', (mode) => {
    test('asks for a PIN on the terminal', async () => {
      scene.configure(mode, {}, [`KnockSequenceCommand ${pass} show "knock/%n %h" %p %r`]);
      const ssh = await asked();
      ssh.child.stdin.write('1234\n');
      await ssh.says('in\r\n');
      expect(await ssh.end()).toMatchObject({ code: 0 });
      expect(screen(ssh)).not.toContain('1234');
      expect(runs().map((run) => run.replace(/^\d+ /, ''))).toEqual([
        `show knock/server ${scene.bed.server.ip} 22 root`,
      ]);
    });

    test('may take longer than KnockTimeout', async () => {
      scene.configure(mode, {}, [`KnockSequenceCommand ${pass}`, 'KnockTimeout 1']);
      const ssh = await asked();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      ssh.child.stdin.write('1234\n');
      await ssh.says('in\r\n');
      expect(await ssh.end()).toMatchObject({ code: 0 });
    });

    test('fails with its name and exit status, and knocks nothing', async () => {
      scene.configure(mode, {}, [`KnockSequenceCommand ${pass} show secret-name`]);
      const ssh = await asked();
      ssh.child.stdin.write('9999\n');
      expect(await ssh.end()).toMatchObject({ code: 255 });
      expect(screen(ssh)).toContain('gpg: bad PIN');
      expect(screen(ssh)).toMatch(
        /knockproxy: error: .*knock_config line 2: \S*\/pass ended with exit status 2\r/,
      );
      expect(screen(ssh)).not.toContain('secret-name');
      expect((await scene.bed.server.counts()).syn.size).toBe(0);
    });

    test('is ended by Ctrl-C', async () => {
      scene.configure(mode, {}, [`KnockSequenceCommand ${pass}`]);
      const ssh = await asked();
      ssh.child.stdin.write('\x03');
      await ssh.end();
      await gone();
    });

    test.each(['SIGTERM', 'SIGKILL'] as const)('is ended with ssh by %s', async (signal) => {
      scene.configure(mode, {}, [`KnockSequenceCommand ${pass}`]);
      const ssh = await asked('echo in; sleep 30');
      const sshPids = await named('ssh');
      expect(sshPids).toHaveLength(1);
      process.kill(sshPids[0]!, signal);
      await gone();
      ssh.child.kill();
      await ssh.end();
    });
  });

  /** Waits until neither the program nor knockproxy run. */
  async function gone(): Promise<void> {
    const pids = runs().map((run) => Number(run.split(' ')[0]));
    await waitFor('pass to end', () => pids.flatMap(processTree).length === 0, 2000);
    await scene.person.leavesNothing();
  }

  async function named(name: string): Promise<number[]> {
    const { stdout } = await scene.bed.client.must('ip', ['netns', 'pids', scene.bed.client.name]);
    const isNamed = (pid: string) =>
      existsSync(`/proc/${pid}/comm`) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name;
    return stdout.split('\n').filter(Boolean).filter(isNamed).map(Number);
  }

  test('asks once for logins that start at once, which wait for the answer', async () => {
    const slow = program('slow', `#!/bin/sh\necho $$ >>${log}\nsleep 6\necho ${SEQUENCE}\n`);
    scene.configure('fdpass', {}, [`KnockSequenceCommand ${slow}`, 'KnockTimeout 5']);
    const logins = await Promise.all(
      Array.from({ length: 5 }, () => scene.person.run('ssh', ['server', 'true'])),
    );
    expect(logins.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(5).fill({ code: 0, stderr: '' }),
    );
    expect(runs()).toHaveLength(1);
  });

  test.each([
    '$(touch pwned)',
    '`touch pwned`',
    '"; touch pwned; "',
    "' touch pwned '",
    'a b',
    '*',
    '|id',
    '\n',
  ])('runs nothing for a host called %j, and refuses it', async (alias) => {
    const words = join(scene.bed.dir, 'words');
    const show = program('show', `#!/bin/sh\nprintf '%s\\0' "$@" >${words}\necho ${SEQUENCE}\n`);
    const cwd = scene.workDir();
    scene.person.write('knock_config', ['Host *', `KnockSequenceCommand ${show} %n x%n"%n y"`]);
    const argv = [scene.bed.server.ip, '22', alias];
    const { code, stdout, stderr } = await scene.person.run('knockproxy', argv, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^knockproxy: error: .* (contains|begins with|ends with) /);
    expect(existsSync(words)).toBe(false);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('hands each token over as a part of its word', async () => {
    const words = join(scene.bed.dir, 'words');
    const show = program('show', `#!/bin/sh\nprintf '%s\\0' "$@" >${words}\necho ${SEQUENCE}\n`);
    scene.person.write('knock_config', ['Host *', `KnockSequenceCommand ${show} %n x%n"%n y"`]);
    const { stdout, stderr } = await scene.person.run('knockproxy', [scene.bed.server.ip, '22', 'web']);
    expect({ stdout: stdout.slice(0, 4), stderr }).toEqual({ stdout: 'SSH-', stderr: '' });
    expect(readFileSync(words, 'utf8')).toBe('web\0xwebweb y\0');
  });

  test('refuses a host name that would be an option', async () => {
    scene.person.write('knock_config', ['Host *', `KnockSequenceCommand ${pass} %n`]);
    const argv = ['--', scene.bed.server.ip, '22', '-oProxyCommand=touch pwned'];
    const { code, stderr } = await scene.person.run('knockproxy', argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^knockproxy: error: .* begins with (-|a dash)/);
    expect(runs()).toEqual([]);
  });
}, ['script', 'stty']);
