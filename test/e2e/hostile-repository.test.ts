import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installed } from '../netns/available.ts';
import { cannotRun } from '../netns/describe.ts';

/**
 * `git clone --recurse-submodules` of a repository whose file names are options and operands, and whose submodule has
 * a shell pattern for a host name: ssh runs the ProxyCommand in its work tree. Needs no root and no network.
 */
const PROGRAM = fileURLToPath(new URL('../../dist/knockproxy.cjs', import.meta.url));
const SHELLS = ['/bin/sh', '/bin/bash'];

interface Repository {
  readonly name: string;
  /** The host of the submodule's URL; ssh makes small letters of it for %h and not for %n. */
  readonly host: string;
  /** Names of empty files, and `config`: the file that is to be read. */
  readonly files: readonly string[];
  readonly config: string;
}

const REPOSITORIES: readonly Repository[] = [
  { name: '-Fx', host: '?*X', files: ['-Fx', 'z.x', 'oneX'], config: 'x' },
  { name: '-vFx', host: '?*X', files: ['-vFx', 'z.x', 'oneX'], config: 'x' },
  { name: '-F/...', host: '?*/x', files: ['-F.d/x', 'z/x'], config: '.d/x' },
  { name: '--knock-config=x', host: '?*X', files: ['--knock-config=x', 'z.x', 'oneX'], config: 'x' },
  { name: 'open', host: '?*N', files: ['-Fn', 'open', 'zn'], config: 'n' },
  { name: '-Fx.example', host: '?*X.example', files: ['-Fx.example', 'z.x.example', 'oneX.example'], config: 'x.example' }, // biome-ignore format: a row
];
const LONGEST_OLD = '%h %p %n %r';
const OLD = ['%h %p', '%h %p %n', LONGEST_OLD];
const LONGEST_NEW = "-- '%h' %p '%n' '%r'";
const NEW = ["-- '%h' %p", LONGEST_NEW];
const PATTERNS = ['*', '*.example'];

const missing = ['git', 'ssh', 'bash'].filter((program) => !installed(program));
const NAME = 'a hostile repository';
if (missing.length > 0) cannotRun(NAME, `not installed: ${missing.join(', ')}`);
else describe(NAME, tests);

function tests(): void {
  let work: string;
  let marker: string;
  beforeAll(() => {
    work = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'knockproxy-hostile-')));
    marker = join(work, 'PWNED');
    fs.mkdirSync(join(work, 'bin'));
    const record = `#!/bin/sh\nprintf '%s\\037' "$@" >"$ARGV"\nexec ${process.execPath} ${PROGRAM} "$@"\n`;
    fs.writeFileSync(join(work, 'bin/knockproxy'), record, { mode: 0o755 });
    for (const repository of REPOSITORIES) commit(repository);
  });
  afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

  test.each(REPOSITORIES)('$name: the file that it wants to be read would run its code', (repository) => {
    const file = join(folderOf(repository), repository.config);
    const option = repository.name.startsWith('--') ? '--knock-config' : '-F';
    run('knockproxy', [option, file, '--', '127.0.0.1', '1']);
    expect(fs.existsSync(marker)).toBe(true);
  });

  describe.each(SHELLS)('%s', (shell) => {
    describe.each(PATTERNS)('Host %s', (pattern) => {
      const reached = REPOSITORIES.filter(({ host }) => host.endsWith(pattern.slice(1)));

      describe.each(reached)('$name', (repository) => {
        test.each(OLD)('%s: the shell makes options of its files, and they are refused', (line) => {
          configure(pattern, line);
          const { argv, stderr } =
            line === LONGEST_OLD ? clone(repository, shell) : connect(repository, shell);
          expect(argv.some((word) => [...repository.files, repository.config].includes(word))).toBe(true);
          expect(stderr).toMatch(/knockproxy: error: /);
          expect(fs.existsSync(marker)).toBe(false);
        });

        test.each(NEW)('%s: the pattern arrives as it is, and is refused', (line) => {
          configure(pattern, line);
          const isCloned = line === LONGEST_NEW && repository === REPOSITORIES[0];
          const { argv, stderr } = isCloned ? clone(repository, shell) : connect(repository, shell);
          expect(argv).toContain(repository.host.toLowerCase());
          expect(argv.filter((word) => repository.files.includes(word))).toEqual([]);
          expect(stderr).toMatch(/knockproxy: error: host name '.*' contains a /);
          expect(fs.existsSync(marker)).toBe(false);
        });
      });
    });
  });

  describe('a user with a line feed (CVE-2025-61984)', () => {
    // What OpenSSH 9.6 to 10.0 hand to the shell; others refuse such a user.
    const asSsh = (line: string, user: string) =>
      line.replaceAll('%h', 'host').replaceAll('%n', 'host').replaceAll('%p', '22').replaceAll('%r', user);
    const drive = (shell: string, line: string) => {
      const user = `$[+]\ntouch ${marker}\n`;
      return run(shell, ['-c', `exec knockproxy ${asSsh(line, user)}`]);
    };

    test('bash runs its second line where %r has no quotes', () => {
      drive('/bin/bash', '%h %p %n %r');
      expect(fs.existsSync(marker)).toBe(true);
    });

    test.each(SHELLS)('%s runs nothing where it has, and knockproxy refuses it', (shell) => {
      const { argv, stderr } = drive(shell, "-- '%h' %p '%n' '%r'");
      expect(argv).toHaveLength(5);
      expect(stderr).toContain("knockproxy: error: user name '$[+]...' contains a line feed");
      expect(fs.existsSync(marker)).toBe(false);
    });

    test.each(SHELLS)('ssh itself, with %s', (shell) => {
      configure('*', "-- '%h' %p '%n' '%r'");
      const argv = ['-F', join(work, 'config'), '-l', `$[+]\ntouch ${marker}\n`, 'host'];
      run('ssh', argv, { SHELL: shell });
      expect(fs.existsSync(marker)).toBe(false);
    });

    test.each(['CORP\\alice', 'a$HOME', 'john doe'])('the user %j arrives as it is', (user) => {
      configure('*', "-- '%h' %p '%n' '%r'");
      const { argv } = run('ssh', ['-F', join(work, 'config'), '-l', user, '127.0.0.1', '-p', '1']);
      expect(argv).toEqual(['--', '127.0.0.1', '1', '127.0.0.1', user]);
    });
  });

  /** A repository whose submodule `s` is on a host with a shell pattern for a name. */
  function commit(repository: Repository): void {
    const { host, files, config } = repository;
    const folder = folderOf(repository);
    fs.mkdirSync(join(folder, config, '..'), { recursive: true });
    fs.writeFileSync(join(folder, config), `Match exec "touch ${marker}"\nKnockSequence 1,2\n`);
    fs.chmodSync(join(folder, config), 0o600);
    for (const file of files) {
      fs.mkdirSync(join(folder, file, '..'), { recursive: true });
      fs.writeFileSync(join(folder, file), '');
    }
    const url = host.includes('/') ? `ssh://[${host}]/s` : `ssh://${host}/s`;
    fs.writeFileSync(join(folder, '.gitmodules'), `[submodule "s"]\n\tpath = s\n\turl = ${url}\n`);
    git(folder, ['init', '-q']);
    git(folder, ['add', '-A']);
    git(folder, ['update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},s`]);
    git(folder, ['-c', 'user.name=m', '-c', 'user.email=m', 'commit', '-qm', 'x']);
  }

  function git(cwd: string, args: readonly string[]): void {
    expect(spawnSync('git', args, { cwd, encoding: 'utf8' })).toMatchObject({ status: 0 });
  }

  function configure(pattern: string, line: string): void {
    const text = `Host ${pattern}\n  ProxyCommand knockproxy ${line}\n  BatchMode yes\n`;
    fs.writeFileSync(join(work, 'config'), text, { mode: 0o600 });
  }

  function folderOf({ name }: Repository): string {
    return join(work, name.replaceAll('/', '_'));
  }

  function clone(repository: Repository, shell: string) {
    const into = fs.mkdtempSync(join(work, 'clone-'));
    const env = { SHELL: shell, GIT_SSH_COMMAND: `ssh -F ${join(work, 'config')}` };
    return run('git', ['clone', '--recurse-submodules', folderOf(repository), join(into, 'repo')], env);
  }

  /** As git does in the work tree. */
  function connect(repository: Repository, shell: string) {
    const argv = ['-F', join(work, 'config'), repository.host, 'git-upload-pack'];
    return run('ssh', argv, { SHELL: shell }, folderOf(repository));
  }

  function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = work) {
    fs.rmSync(marker, { force: true });
    const recorded = join(work, 'argv');
    fs.rmSync(recorded, { force: true });
    const { stderr } = spawnSync('sh', ['-c', 'umask 077; exec "$0" "$@"', program, ...args], {
      encoding: 'utf8',
      cwd,
      env: {
        ...process.env,
        PATH: `${join(work, 'bin')}:${process.env.PATH}`,
        LC_ALL: 'C',
        // bash reads ~/.bashrc where its stdin is a socket.
        HOME: work,
        ARGV: recorded,
        XDG_STATE_HOME: join(work, 'state'),
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_GLOBAL: '/dev/null',
        ...env,
      },
    });
    const argv = fs.existsSync(recorded) ? fs.readFileSync(recorded, 'utf8').split('\x1f').slice(0, -1) : [];
    return { argv, stderr };
  }
}
