import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { installed } from '../netns/available.ts';
import { cannotRun, describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, mustRun, REPOSITORY } from '../netns/index.ts';
import { CleanRoot } from '../package/clean-root.ts';
import { Scene } from './scene.ts';

const NAME = "the Debian package on Debian's Node";
const PROGRAMS = ['dpkg-deb', 'apt-get', 'lintian'];
/** Apt fetches Debian's nodejs. */
const INSTALL_MS = 400_000;

const missing = PROGRAMS.filter((program) => !installed(program));
if (missing.length > 0) cannotRun(NAME, `not installed: ${missing.join(', ')}`);
else describeBed(NAME, tests);

function tests(): void {
  let scene: Scene;
  let root: CleanRoot;
  let deb: string;
  let before: Set<string>;
  beforeAll(async () => {
    scene = await Scene.open();
    [root, deb] = await Promise.all([CleanRoot.create(), build(join(scene.bed.dir, 'first'))]);
    before = await root.changes();
    copyFileSync(deb, root.path('tmp/knockproxy.deb'));
    await root.must('apt-get install -q -y --no-install-recommends /tmp/knockproxy.deb');
  }, INSTALL_MS);
  afterAll(async () => {
    await root?.close();
    await scene?.close();
  });

  /** As a user whose umask is that one. */
  async function build(folder: string, umask = '022'): Promise<string> {
    mkdirSync(folder);
    const script = 'umask "$0"; exec npx tsx --import ./scripts/text-loader.mjs scripts/deb.ts "$1"';
    const env = { SOURCE_DATE_EPOCH: '1790000000' };
    const argv = ['sh', '-c', script, umask, folder];
    const { stdout } = await mustRun(argv, { cwd: REPOSITORY, env, timeoutMs: 120_000 });
    return stdout.trim();
  }

  test('is the same whenever and by whomever it is built', async () => {
    const again = await build(join(scene.bed.dir, 'again'), '077');
    expect(basename(again)).toBe(`knockproxy_${pkg.version}-1_all.deb`);
    expect(readFileSync(again).equals(readFileSync(deb))).toBe(true);
  });

  test('passes lintian, but for the address of a packager that a release gives', async () => {
    const unknown = [
      'bogus-mail-host',
      'bogus-mail-host-in-debian-changelog',
      'initial-upload-closes-no-bugs',
    ];
    const argv = [
      'lintian',
      '--allow-root',
      '--fail-on',
      'error,warning',
      '--suppress-tags',
      unknown.join(','),
      deb,
    ];
    expect(await mustRun(argv, { timeoutMs: 120_000 })).toMatchObject({ stdout: '' });
  });

  test('is installed with its man pages and completions, and runs on that Node', async () => {
    expect(await root.must('node --version')).toMatch(/^v(1[89]|2\d)\./);
    expect(await root.must("dpkg-query -W -f '${Version}' nodejs")).toContain('dfsg');
    expect(await root.must('knockproxy --version')).toBe(`${pkg.version}\n`);
    for (const section of [1, 5]) {
      const page = section === 1 ? 'knockproxy.1' : 'knock_config.5';
      expect(await root.must(`zcat /usr/share/man/man${section}/${page}.gz`)).toBe(
        readFileSync(join(REPOSITORY, 'dist/man', page), 'utf8'),
      );
    }
    for (const [shell, path] of Object.entries(COMPLETIONS)) {
      expect(await root.must(`cat ${path}`)).toBe(await root.must(`knockproxy completion ${shell}`));
    }
    expect(await root.must('dpkg --verify knockproxy')).toBe('');
  });

  test('sets up a host by names that last, and logs in through its door', async () => {
    await scene.shut();
    const { keys, server, client } = scene.bed;
    mkdirSync(root.path('root/.ssh'), { mode: 0o700 });
    copyFileSync(keys.user, root.path('root/.ssh/id_ed25519'));
    copyFileSync(keys.knownHosts, root.path('root/.ssh/known_hosts'));
    writeFileSync(root.path('root/.ssh/config'), '', { mode: 0o600 });
    const at = (script: string, input = '') => root.exec(script, { input }, client.prefix);
    const sequence = `${ARTICLE_SEQUENCE.join(',')}\n`;
    const add = await at(`knockproxy add server --hostname ${server.ip} --yes`, sequence);
    expect(add).toMatchObject({ stderr: '', code: 0 });
    const config = await root.must('ssh -G server | grep ^proxycommand');
    expect(config).toBe("proxycommand /usr/bin/node /usr/bin/knockproxy -- '%h' %p\n");
    expect(await at('ssh -o BatchMode=yes server echo in')).toMatchObject({
      stdout: 'in\n',
      stderr: '',
      code: 0,
    });
    expect(scene.news()).toEqual({ connections: 1, logins: 1 });
  });

  test('says before its removal what each user must do, and not before an upgrade', async () => {
    const notice = /^Each user who has such hosts: run 'knockproxy remove --all' before the removal\./m;
    expect(await root.must('dpkg --install /tmp/knockproxy.deb')).not.toMatch(/remove --all/);
    const removal = await root.must('dpkg --remove knockproxy');
    expect(removal).toMatch(notice);
    const config = readFileSync(root.path('root/.ssh/config'), 'utf8');
    for (const mark of ['# >>> knockproxy ', '# <<< knockproxy ']) {
      expect(removal).toContain(`'${mark}HOST'`);
      expect(config).toContain(`${mark}server`);
    }
    await root.must('dpkg --install /tmp/knockproxy.deb');
  });

  test(
    'leaves no file when it is purged',
    async () => {
      const paths = (await root.must('dpkg -L knockproxy')).split('\n').filter(Boolean);
      expect(paths).toEqual(expect.arrayContaining(['/usr/bin/knockproxy', ...Object.values(COMPLETIONS)]));
      expect([...(await root.changes())]).toContain('d usr/share/knockproxy');
      await root.must('apt-get purge -q -y knockproxy');
      const after = await root.changes();
      expect([...after].filter((line) => !before.has(line))).toEqual([]);
      expect([...before].filter((line) => !after.has(line))).toEqual([]);
    },
    INSTALL_MS,
  );
}

const COMPLETIONS = {
  bash: '/usr/share/bash-completion/completions/knockproxy',
  zsh: '/usr/share/zsh/vendor-completions/_knockproxy',
  fish: '/usr/share/fish/vendor_completions.d/knockproxy.fish',
};
