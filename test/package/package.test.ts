import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { links, PAGES } from '../docs/pages.ts';
import { mustRun, REPOSITORY, run } from '../netns/index.ts';
import { OLDEST } from './node-versions.ts';
import { buildSingle, type Packed, pack } from './pack.ts';

const FILES = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'dist/cli.cjs',
  'dist/core.cjs',
  'dist/index.cjs',
  'dist/index.d.cts',
  'dist/index.d.ts',
  'dist/index.mjs',
  'dist/knockproxy.cjs',
  'dist/man/knock_config.5',
  'dist/man/knockproxy.1',
  'docs/check.svg',
  'docs/client.md',
  'docs/commands.md',
  'docs/comparison.md',
  'docs/fwknop.md',
  'docs/keywords.md',
  'docs/library.md',
  'docs/login.svg',
  'docs/one-time.md',
  'docs/platforms.md',
  'docs/schema/check.json',
  'docs/schema/generate.json',
  'docs/schema/import.json',
  'docs/schema/list.json',
  'docs/security.md',
  'docs/server.md',
  'docs/troubleshooting.md',
  'package.json',
];
/** In the source archive only, as README says. */
const SOURCE_ONLY = /^(CONTRIBUTING\.md|docs\/design\.md|bench|examples|packaging)(\/|$)/;
/** What Node 18.20 lacks, of ECMAScript and of its own modules. esbuild lowers syntax only. */
const NEWER =
  /\b(toSorted|toReversed|toSpliced|withResolvers|groupBy|isWellFormed|toWellFormed|fromAsync|styleText|globSync|loadEnvFile|availableMemory|isSubsetOf|AbortSignal\.any|Promise\.try|Iterator\.from|import\.meta\.(dirname|filename))\b/g;

/** What npm would run on the machine of whoever installs it. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];

/** What a consumer writes; `check` is never called. */
const USE = `
  async function check(): Promise<Socket> {
    const signal: AbortSignal = AbortSignal.timeout(1000);
    const steps: Step[] = parseSequence('7000,8000:udp');
    await knock({ host: 'server.example', sequence: steps, delayMs: undefined });
    const options: OpenDoorOptions = { host: 'server.example', sequence: '7000', signal };
    const error = new KnockproxyError('shut', { hints: ['a hint'] });
    const status: 1 | 2 = error.exitCode;
    // @ts-expect-error a door needs a sequence
    await openDoor({ host: 'server.example', port: status });
    return Math.random() > 2 ? openConfiguredDoor('server.example', { family: 4 }) : openDoor(options);
  }
  if (typeof check !== 'function' || parseSequence('7000,8000:udp').length !== 2) throw new Error();
  console.log(new KnockproxyError('works').message);
`;
const NAMES = 'knock, KnockproxyError, openConfiguredDoor, openDoor, parseSequence';
const TYPES = "import type { Socket } from 'node:net';";
const ESM = `import { ${NAMES}, type OpenDoorOptions, type Step } from 'knockproxy';\n${TYPES}${USE}`;
const CJS = `import knockproxy = require('knockproxy');\n${TYPES}
  type Step = knockproxy.Step; type OpenDoorOptions = knockproxy.OpenDoorOptions;
  const { ${NAMES.replace('KnockproxyError, ', '')} } = knockproxy;
  import KnockproxyError = knockproxy.KnockproxyError;${USE}`;

describe('the package', () => {
  const work = mkdtempSync(join(tmpdir(), 'knockproxy-package-'));
  let packed: Packed;
  beforeAll(async () => {
    packed = await pack(work);
    const modules = join(work, 'node_modules');
    mkdirSync(join(modules, 'knockproxy'), { recursive: true });
    await mustRun(['tar', '-xzf', packed.tarball, '-C', join(modules, 'knockproxy'), '--strip-components=1']);
    symlinkSync(join(REPOSITORY, 'node_modules/@types'), join(modules, '@types'));
    symlinkSync(join(REPOSITORY, 'node_modules/undici-types'), join(modules, 'undici-types'));
    writeFileSync(join(work, 'esm.mts'), ESM);
    writeFileSync(join(work, 'cjs.cts'), CJS);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('has what is needed and nothing else', () => {
    expect(packed.files).toEqual(FILES);
  });

  it.each(PAGES)('has what $name links to, if it has that page', (page) => {
    if (!packed.files.includes(page.name)) return expect(page.name).toMatch(SOURCE_ONLY);
    const targets = links(page).map((target) => target.split('#')[0]!);
    expect(targets.filter((path) => !SOURCE_ONLY.test(path) && !packed.files.includes(path))).toEqual([]);
  });

  it('is smaller than 260 kB', () => {
    expect(packed.bytes).toBeLessThan(260_000);
  });

  it(`asks for Node ${OLDEST} and calls nothing that is newer`, () => {
    expect(pkg.engines.node).toBe(`>=${OLDEST}`);
    const texts = ['cli', 'core', 'knockproxy'].map((name) =>
      readFileSync(join(REPOSITORY, `dist/${name}.cjs`), 'utf8'),
    );
    expect(texts.flatMap((text) => text.match(NEWER) ?? [])).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    expect(INSTALL_SCRIPTS.filter((name) => name in pkg.scripts)).toEqual([]);
  });

  it('names files that it has', () => {
    const { import: esm, require: cjs } = pkg.exports['.'];
    const named = [
      pkg.main,
      pkg.types,
      ...Object.values(esm),
      ...Object.values(cjs),
      pkg.bin.knockproxy,
      ...pkg.man,
    ];
    expect(named.filter((name) => !packed.files.includes(name.replace('./', '')))).toEqual([]);
  });

  it.each([
    ['nodenext', 'esm.mts cjs.cts'],
    ['node16', 'esm.mts cjs.cts'],
    ['bundler', 'esm.mts'],
  ])('is typed for consumers under moduleResolution %s', async (resolution, sources) => {
    const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    const isBundler = resolution === 'bundler';
    const argv = [
      tsc,
      ...sources.split(' '),
      '--strict',
      '--types',
      'node',
      '--target',
      'es2022',
      '--ignoreConfig',
    ];
    const how = ['--module', isBundler ? 'esnext' : resolution, '--moduleResolution', resolution];
    const out = ['--exactOptionalPropertyTypes', '--outDir', join(work, resolution)];
    const result = await run([process.execPath, ...argv, ...how, ...out], { cwd: work, timeoutMs: 60_000 });
    expect(result).toMatchObject({ stdout: '', code: 0 });
  });

  it.each(['esm.mjs', 'cjs.cjs'])('is loaded by %s, as compiled', async (name) => {
    const result = await run([process.execPath, join(work, 'nodenext', name)], { cwd: work });
    expect(result).toMatchObject({ stdout: 'works\n', stderr: '', code: 0 });
  });

  it('is the same for import and require', async () => {
    const same = `import { KnockproxyError } from 'knockproxy'; import { createRequire } from 'node:module';
      console.log(createRequire(import.meta.url)('knockproxy').KnockproxyError === KnockproxyError);`;
    writeFileSync(join(work, 'same.mjs'), same);
    expect(await run([process.execPath, 'same.mjs'], { cwd: work })).toMatchObject({ stdout: 'true\n' });
  });

  it('declares nothing beside its exports', () => {
    const text = readFileSync(join(REPOSITORY, 'dist/index.d.ts'), 'utf8');
    const declared = [...text.matchAll(/^(?:declare )?(?:class|const|function|interface|type) (\w+)/gm)];
    const exported = /^export \{(.*)\};$/m
      .exec(text)![1]!
      .replaceAll(/\btype /g, '')
      .split(',');
    expect(declared.map(([, name]) => name).sort()).toEqual(exported.map((name) => name.trim()).sort());
  });
});

describe('the single file', () => {
  const work = mkdtempSync(join(tmpdir(), 'knockproxy-single-'));
  const single = (...args: string[]) =>
    run([process.execPath, 'knockproxy-single.cjs', ...args], { cwd: work });
  beforeAll(async () => {
    await buildSingle(join(work, 'knockproxy-single.cjs'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('has the notice of every package that is in it', () => {
    const text = readFileSync(join(work, 'knockproxy-single.cjs'), 'utf8');
    const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'));
    const packages = Object.entries(lock.packages as Record<string, { dev?: boolean; version: string }>)
      .filter(([folder, { dev }]) => folder.startsWith('node_modules/') && !dev)
      .map(([folder, { version }]) => ({
        folder,
        name: `${folder.slice('node_modules/'.length)} ${version}`,
      }));
    expect(packages.length).toBeGreaterThan(5);
    const notice = ({ folder }: { folder: string }) => {
      const file = readdirSync(join(REPOSITORY, folder)).find((name) => /^licen[cs]e/i.test(name))!;
      return /^.*copyright.*$/im.exec(readFileSync(join(REPOSITORY, folder, file), 'utf8'))![0].trim();
    };
    const inIt = packages.filter(({ name }) => text.includes(`\n${name}\n`));
    expect(inIt.map(({ name }) => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['ssh-config', 'yargs', 'yargs-parser']),
    );
    for (const each of inIt) expect(text).toContain(notice(each));
    expect(text).toContain('knockproxy');
  });

  it('runs on its own, with every command', async () => {
    expect(await single('--version')).toMatchObject({ stdout: `${pkg.version}\n`, stderr: '', code: 0 });
    const dry = await single('knock', '--dry-run', '127.0.0.1', '7000', '8000:udp');
    expect(dry).toMatchObject({ stderr: '', code: 0 });
    expect(dry.stdout).toMatch(
      /^\+0 ms {2}tcp {2}127\.0\.0\.1 {2}port 7000\n\+\d+ ms {2}udp .* port 8000\n$/,
    );
    const { stdout } = await run([process.execPath, join(REPOSITORY, 'dist/knockproxy.cjs'), '--help']);
    expect(await single('--help')).toMatchObject({ stdout, code: 0 });
  });

  it('edits a configuration', async () => {
    const files = ['-F', join(work, 'config'), '--knock-config', join(work, 'knock_config')];
    const argv = [process.execPath, 'knockproxy-single.cjs', 'add', 'server.example', '--yes', ...files];
    const env = { XDG_STATE_HOME: join(work, 'state') };
    expect(await run(argv, { cwd: work, env, input: '7000,8000\n' })).toMatchObject({ stderr: '', code: 0 });
    const command = ` ${join(realpathSync(work), 'knockproxy-single.cjs')} -F `;
    expect(readFileSync(join(work, 'config'), 'utf8')).toContain(command);
  });
});
