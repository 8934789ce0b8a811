import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseSequence } from '../../src/plan/sequence.ts';
import { commandBlocks, example, exampleSequence } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import { mustRun, waitFor } from '../netns/index.ts';
import { ExampleScene } from './examples-scene.ts';
import { USER } from './person.ts';

let scene: ExampleScene;

/** Examples that a person with these programs uses, each time in front of the shut door of examples/server/knockd. */
function describeExamples(name: string, body: () => void, programs: readonly string[] = []): void {
  describeBed(
    name,
    () => {
      beforeAll(async () => {
        scene = await ExampleScene.open();
      });
      afterAll(() => scene?.close());
      beforeEach(() => scene.serve('knockd'));
      body();
    },
    programs,
  );
}

describeExamples('examples/ssh_config', () => {
  test.each([
    ['one-host', 'server.example'],
    ['fdpass', 'server.example'],
    ['fleet', 'web1.fleet.example'],
    ['match-exec', 'server.example'],
    ['interface', 'server.example'],
  ])('%s', async (name, host) => {
    scene.configure(`ssh_config/${name}`);
    const result = await scene.person.run('ssh', [host, 'echo in']);
    expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
  });

  test.each(['web-ssh', 'web-backup'])('aliases: %s knocks with its own sequence', async (name) => {
    scene.configure('ssh_config/aliases');
    await scene.bed.server.resetCounts();
    const ssh = scene.person.spawn('ssh', [name, 'true']); // nobody opens these doors here
    await waitFor('each knock', () => arrived(exampleSequence(name)), 20_000);
    ssh.child.kill();
    await ssh.end();
  });

  async function arrived(sequence: string): Promise<boolean> {
    const { syn, udp } = await scene.bed.server.counts();
    return parseSequence(sequence).every(({ port, protocol }) => (protocol === 'tcp' ? syn : udp).has(port));
  }
});

describeExamples('examples/git', () => {
  test('clone and push by the short name', async () => {
    scene.configure('git/ssh_config');
    const { dir } = scene.bed;
    const [repository, work] = [join(dir, 'project.git'), join(dir, 'work')];
    await mustRun(['git', 'init', '-q', '--bare', repository]);
    const config = example('git/gitconfig').replace('git@git.example/', `${USER}@git.example${dir}/`);
    writeFileSync(
      join(scene.person.home, '.gitconfig'),
      `${config}[user]\n  name = a\n  email = a@b.example\n`,
    );
    const git = (...args: string[]) => scene.person.run('git', args, { cwd: dir });
    expect(await git('clone', '-q', 'hidden:project.git', work)).toMatchObject({ code: 0 });
    writeFileSync(join(work, 'file'), 'text\n');
    for (const line of ['add .', 'commit -qm one', 'push -q origin HEAD']) {
      expect(await git('-C', work, ...line.split(' '))).toMatchObject({ code: 0, stderr: '' });
    }
    expect((await mustRun(['git', '-C', repository, 'log', '--all', '--format=%s'])).stdout).toBe('one\n');
    await scene.person.run('ssh', ['-O', 'exit', 'git.example']);
  });
}, ['git']);

describeExamples('examples/backup, as cron runs it', () => {
  beforeEach(() => {
    scene.configure('backup/ssh_config');
    mkdirSync(join(scene.person.home, 'bin'), { recursive: true });
    writeFileSync(join(scene.person.home, 'bin/backup.sh'), example('backup/backup.sh'), { mode: 0o755 });
  });

  test('copies, copies again what changed, and says nothing', async () => {
    const [from, to] = [join(scene.person.home, 'documents'), join(scene.bed.dir, 'copy')];
    mkdirSync(from);
    for (const text of ['first', 'the second']) {
      writeFileSync(join(from, 'letter'), text);
      const result = await runJob(from, `backup.example:${to}`);
      expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
      expect(readFileSync(join(to, 'letter'), 'utf8')).toBe(text);
      await scene.serve('knockd'); // shut again
    }
  });

  test('fails with the reason when the door stays shut', async () => {
    const knockConfig = join(scene.person.home, '.ssh/knock_config');
    const text = readFileSync(knockConfig, 'utf8');
    const wrong = text.replace('KnockTimeout 60', 'KnockTimeout 1\n  KnockSequence 1,2,3');
    writeFileSync(knockConfig, wrong);
    const result = await runJob(scene.person.bin, `backup.example:${scene.bed.dir}/never`);
    expect(result).toMatchObject({ stdout: '', stderr: expect.stringContaining('stayed shut') });
    expect(result.code).not.toBe(0);
  });

  /** No terminal, and nothing in the environment but what cron and the crontab say. */
  function runJob(...args: string[]) {
    const { home, bin } = scene.person;
    const crontab = example('backup/crontab').replace('/usr/local/bin', bin);
    const path = /^PATH=(.*)$/m.exec(crontab)![1]!;
    const job = /^\d+ \d+ \* \* \* (.*)$/m.exec(crontab)![1]!;
    const env = ['-i', `HOME=${home}`, 'SHELL=/bin/sh', `LOGNAME=${USER}`, `PATH=${path}`];
    const command = ['setsid', '-w', '/bin/sh', '-c', [job, ...args].join(' ')];
    return scene.person.run('env', [...env, ...command], { timeoutMs: 40_000 });
  }
}, ['rsync', 'flock', 'setsid']);

describeExamples('examples/ansible', () => {
  test.each([
    ['the inventory answers a ping', 'ansible all -m ping -o', /\.example \| SUCCESS/g],
    ['the playbook runs', 'ansible-playbook site.yml', /ok=1 .*unreachable=0 /g],
  ])('%s', async (_, line, success) => {
    scene.configure('ssh_config/one-host', 'ssh_config/fleet');
    const cwd = scene.copy('ansible');
    const env = {
      ANSIBLE_REMOTE_TMP: join(scene.bed.dir, 'ansible'),
      ANSIBLE_SSH_CONTROL_PATH_DIR: mkdtempSync(join(scene.bed.dir, 'cp-')), // no connection of another test
      LC_ALL: 'C.UTF-8',
    };
    const [command, ...args] = line.split(' ');
    const result = await scene.person.run(command!, args, { cwd, env, timeoutMs: 50_000 });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout.match(success)).toHaveLength(3);
  });
}, ['ansible', 'ansible-playbook']);

describeExamples('examples/editors', () => {
  test('the command line of VS Code, with a script on stdin and a SOCKS forwarding', async () => {
    scene.configure('ssh_config/one-host');
    const [, line] = /^(ssh -v -T .*)$/m.exec(example('editors/README.md'))!;
    const [command, ...args] = line!.split(' ');
    const result = await scene.person.run(command!, args, { input: 'echo "in $((40 + 2))"\n' });
    expect(result).toMatchObject({ code: 0, stdout: 'in 42\n' });
    expect(result.stderr).toContain('Local forwarding listening on 127.0.0.1 port 55330');
  });
});

describeExamples('examples/mosh', () => {
  const [serverRules, client] = commandBlocks('mosh/README.md') as [string, string];

  beforeEach(async () => {
    scene.configure('ssh_config/one-host');
    await scene.bed.server.must('sh', ['-ec', serverRules]);
    await scene.bed.server.resetCounts();
  });

  test('has a session over UDP', async () => {
    const line = `${client} -- sh -c "echo in-\\$((40 + 2)); sleep 1"`;
    const result = await scene.person.run('script', atTerminal(line), { timeoutMs: 40_000 });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('in-42') });
    const { udp } = await scene.bed.server.counts();
    expect([...udp.keys()].filter((port) => port >= 60_000 && port <= 61_000)).toHaveLength(1);
  });

  test.each(['proxy', 'local'])('goes straight to port 22 with --experimental-remote-ip=%s', async (way) => {
    const mosh = scene.person.spawn('script', atTerminal(client.replace('=remote', `=${way}`)));
    await waitFor('a connect', async () => (await scene.bed.server.countSyn(22)) > 0, 20_000);
    mosh.child.kill('SIGKILL');
    await mosh.end();
    const { syn, udp } = await scene.bed.server.counts();
    expect([...syn.keys(), ...udp.keys()]).toEqual([22]);
  });

  function atTerminal(line: string): string[] {
    return ['-qec', `export TERM=xterm LC_ALL=C.UTF-8; stty rows 24 cols 80; ${line}`, '/dev/null'];
  }
}, ['mosh', 'mosh-server', 'script']);
