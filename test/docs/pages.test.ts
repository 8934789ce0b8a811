import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { readCommands } from '../../scripts/help.ts';
import { readHostConfig } from '../../src/config/host-config.ts';
import { KEYWORDS } from '../../src/config/keywords.ts';
import { realSystem } from '../../src/ssh-config/system.ts';
import { withExec } from '../../src/ssh-config/with-exec.ts';
import {
  anchors,
  codeBlocks,
  columns,
  files,
  links,
  literalBlocks,
  MAN,
  PAGES,
  README,
  REPOSITORY,
} from './pages.ts';

const work = mkdtempSync(join(tmpdir(), 'knockproxy-pages-'));
afterAll(() => rmSync(work, { recursive: true }));

describe('README', () => {
  it('has at most 200 lines', () => {
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('has a row for each keyword that gives a door', () => {
    const [, doors = ''] = README.split('\n## Doors\n');
    const rows = doors.split('\n## ')[0]!.matchAll(/^\|[^|]*\| `(Knock\w+)/gm);
    const named = new Set([...rows].map(([, keyword]) => keyword!));
    const keywords = KEYWORDS.filter(({ slot }) => slot === 'door' || slot === 'close');
    expect(keywords.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  it('links to every page of docs/', () => {
    const linked = links(PAGES[0]!).map((target) => target.split('#')[0]);
    expect(PAGES.slice(1).filter(({ name }) => !linked.includes(name))).toEqual([]);
  });
});

describe('links', () => {
  it.each(PAGES)('of $name lead to files and headings that exist', (page) => {
    const broken = links(page).filter((target) => {
      const [path = '', anchor] = target.split('#');
      if (!existsSync(REPOSITORY + path)) return true;
      return anchor !== undefined && !anchors(readFileSync(REPOSITORY + path, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('blocks of code', () => {
  const blocks = [...PAGES.flatMap(codeBlocks), ...MAN.flatMap(literalBlocks)];
  const isConfig = (text: string) => /^(#.*\n)?(Host|Match|IgnoreUnknown) /m.test(text);
  const isProgram = (text: string) => text.startsWith('import ');
  const configs = blocks
    .filter(({ text }) => isConfig(text))
    .flatMap(columns)
    .flatMap(files);
  const programs = blocks.filter(({ text }) => isProgram(text));
  const shells = blocks.filter(
    ({ text }) => !isConfig(text) && !isProgram(text) && !/^knockproxy .*[[|]/.test(text),
  );

  it.each(configs)('$page line $line: ssh takes the configuration, and so do we', async ({ text }) => {
    const config = join(work, 'config');
    writeFileSync(config, `IgnoreUnknown Knock*\n${text}\n`, { mode: 0o600 });
    const { status, stderr } = spawnSync('ssh', ['-TG', '-F', config, 'example.com'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const names = [...text.matchAll(/^Host (.*)$/gm)].flatMap(([, patterns]) => patterns!.trim().split(' '));
    const isKnock = /^ *Knock/m.test(text);
    if (isKnock) writeFileSync(config, text, { mode: 0o600 });
    const read = isKnock
      ? { knockConfig: config, configFile: 'none' }
      : { configFile: config, knockConfig: 'none' };
    for (const name of names) {
      const host = name.replace('*', 'web');
      const argv = { host, port: 22, alias: host, ...read };
      const { settings } = await withExec((system) => readHostConfig(argv, system), realSystem());
      expect(settings.door !== undefined).toBe(isKnock);
    }
  });

  it.each(shells)('$page line $line: a shell can read the commands, and knows the programs', ({ text }) => {
    expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    for (const [, script] of text.matchAll(/npm run (\S+)/g)) expect(pkg.scripts).toHaveProperty(script!);
    const names = readCommands().map(({ name }) => name);
    for (const [, name] of text.matchAll(/^knockproxy (\S+)/gm)) expect(names).toContain(name);
  });

  it.each(programs)('$page line $line: the program has no errors', ({ text }) => {
    const folder = mkdtempSync(join(work, 'program-'));
    symlinkSync(`${REPOSITORY}node_modules`, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'program.mts'), text);
    const config = {
      extends: `${REPOSITORY}tsconfig.json`,
      compilerOptions: { paths: { knockproxy: [`${REPOSITORY}src/index.ts`] } },
      include: ['program.mts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const argv = [`${REPOSITORY}node_modules/typescript/bin/tsc`, '-p', folder];
    expect(spawnSync(process.execPath, argv, { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });

  const generates = shells.flatMap(({ page, text }) =>
    [...text.matchAll(/^knockproxy (generate .*--out (\S+).*)$/gm)].map(([, command, folder]) => ({
      page,
      command: command!.replace(/ {2,}#.*/, '').replace(' --add', ''),
      folder: folder!,
    })),
  );

  it('generate doors of several kinds', () => {
    expect(generates.length).toBeGreaterThanOrEqual(4);
  });

  it.each(generates)('$page: $command runs, short of --add', ({ command, folder }) => {
    const cwd = mkdtempSync(join(work, 'generate-'));
    const argv = [`${REPOSITORY}dist/knockproxy.cjs`, ...command.split(' '), '--yes'];
    expect(spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(existsSync(join(cwd, folder, 'server/install.sh'))).toBe(true);
  });
});
