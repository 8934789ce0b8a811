import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { installed } from '../netns/available.ts';
import { cannotRun } from '../netns/describe.ts';
import { mustRun, REPOSITORY } from '../netns/index.ts';
import { MAJORS, OLDEST } from './node-versions.ts';

const text = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');

/** Each with the lines that hold the version, which follows the name. */
const RECIPES: readonly [path: string, version: RegExp][] = [
  ['packaging/homebrew/knockproxy.rb', /knockproxy-([\d.]+\d)\.tgz/],
  ['packaging/aur/PKGBUILD', /^pkgver=(.*)$/m],
  ['packaging/nix/knockproxy.nix', /version = "(.*)";/],
];

describe.each(RECIPES)('%s', (path, version) => {
  it('has the version of package.json', () => {
    expect(version.exec(text(path))![1]).toBe(pkg.version);
  });

  it('is marked as untested, and names each value that a release gives', () => {
    expect(text(path)).toMatch(/^# Untested: /);
    expect(text(path)).toMatch(/RELEASE-(SHA256|HASH)/);
    expect(text('CONTRIBUTING.md')).toContain(path);
  });
});

it('the recipes ask for the oldest Node', () => {
  expect(text('packaging/aur/PKGBUILD')).toContain(`'nodejs>=${OLDEST}'`);
  expect(text('packaging/rpm/knockproxy.spec')).toContain(`nodejs >= ${OLDEST}`);
  expect(text('scripts/deb.ts')).toContain(`nodejs (>= ${OLDEST})`);
});

/** What reads a file without running it. */
const SYNTAX: readonly [path: string, argv: readonly [string, ...string[]]][] = [
  ['packaging/aur/PKGBUILD', ['bash', '-n']],
  ['packaging/homebrew/knockproxy.rb', ['ruby', '-c']],
];

for (const [path, argv] of SYNTAX) {
  if (!installed(argv[0])) cannotRun(`${path} has no syntax error`, `not installed: ${argv[0]}`);
  else
    it(`${path} has no syntax error`, () => {
      const [program, ...options] = argv;
      expect(spawnSync(program, [...options, join(REPOSITORY, path)], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    });
}

const YAML = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
const hasYaml = spawnSync('/usr/bin/python3', ['-c', 'import yaml']).status === 0;
if (!hasYaml) cannotRun('the workflow', 'not installed: python3-yaml');
else
  it('the workflow runs .ci/run, and the program on each Node', () => {
    const input = text('.github/workflows/ci.yml');
    const { stdout } = spawnSync('/usr/bin/python3', ['-c', YAML], { input, encoding: 'utf8' });
    const { jobs } = JSON.parse(stdout);
    const runs = (job: { steps: { run?: string }[] }) => job.steps.map(({ run }) => run);
    expect(runs(jobs.debian)).toContain('.ci/run');
    const versions: string[] = jobs.node.strategy.matrix.node;
    expect(versions.map((version) => version.split('.')[0])).toEqual([...MAJORS]);
    expect(jobs.elsewhere.strategy.matrix.os).toEqual(['macos-latest', 'windows-latest']);
  });

if (!installed('rpmbuild')) cannotRun('the rpm', 'not installed: rpmbuild');
else
  describe('the rpm', () => {
    const folder = mkdtempSync(join(tmpdir(), 'knockproxy-rpm-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('needs Node and ssh, and has the files of the Debian package', { timeout: 120_000 }, async () => {
      const build = ['npx', 'tsx', '--import', './scripts/text-loader.mjs', 'scripts/rpm.ts', folder];
      const { stdout } = await mustRun(build, { cwd: REPOSITORY, timeoutMs: 100_000 });
      const file = stdout.trim();
      const query = async (...options: string[]) => {
        const result = await mustRun(['rpm', '--dbpath', folder, '-qp', ...options, file]);
        return result.stdout.split('\n').filter(Boolean);
      };
      expect(await query('--qf', '%{NAME} %{VERSION} %{ARCH}')).toEqual([`knockproxy ${pkg.version} noarch`]);
      const needs = (await query('-R')).filter((line) => !line.startsWith('rpmlib('));
      expect(needs).toEqual([`nodejs >= ${OLDEST}`, 'openssh-clients']);
      const listed = (await query('-lv')).filter((line) => !/\/doc\/|^d/.test(line));
      expect(listed.map((line) => line.replace(/^(\S+).*? (\/.*)$/, '$1 $2')).sort()).toEqual([
        '-rw-r--r-- /usr/share/bash-completion/completions/knockproxy',
        '-rw-r--r-- /usr/share/fish/vendor_completions.d/knockproxy.fish',
        '-rw-r--r-- /usr/share/knockproxy/cli.cjs',
        '-rw-r--r-- /usr/share/knockproxy/core.cjs',
        '-rw-r--r-- /usr/share/man/man1/knockproxy.1.gz',
        '-rw-r--r-- /usr/share/man/man5/knock_config.5.gz',
        '-rw-r--r-- /usr/share/zsh/site-functions/_knockproxy',
        '-rwxr-xr-x /usr/share/knockproxy/knockproxy.cjs',
        'lrwxrwxrwx /usr/bin/knockproxy -> ../share/knockproxy/knockproxy.cjs',
      ]);
    });
  });
