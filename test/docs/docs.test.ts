import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { readCommands, readProxyForm } from '../../scripts/help.ts';
import { REFERENCE } from '../../scripts/reference-pages.ts';
import { parseProxyArgv } from '../../src/argv.ts';
import { readHostConfig } from '../../src/config/host-config.ts';
import { KEYWORDS } from '../../src/config/keywords.ts';
import { installed } from '../netns/available.ts';
import { codeBlocks, columns, README } from './readme.ts';

const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const [PAGE1, PAGE5] = pkg.man.map((name) => readFileSync(file(name), 'utf8')) as [string, string];
const COMMANDS = readCommands();
const OURS = KEYWORDS.filter(({ owner }) => owner === 'ours').map(({ name }) => name);
const sorted = (words: Iterable<string>) => [...new Set(words)].sort();

const work = mkdtempSync(join(tmpdir(), 'knockproxy-docs-'));
afterAll(() => rmSync(work, { recursive: true }));

describe('reference', () => {
  it.each(Object.entries(REFERENCE))('docs/%s says what the tables of src say', (name, page) => {
    const hint = 'npx tsx --import ./scripts/text-loader.mjs scripts/reference.ts writes it';
    expect(readFileSync(file(`docs/${name}`), 'utf8'), hint).toBe(page());
  });
});

describe('keywords', () => {
  it('no page names one that does not exist', () => {
    const known = new Set([...OURS, 'Knock']);
    for (const text of [README, PAGE1, PAGE5, readFileSync(file('docs/design.md'), 'utf8')]) {
      const unknown = [...text.matchAll(/\bKnock[A-Z]\w*/g)].filter(([word]) => !known.has(word));
      expect(unknown.map(([word]) => word)).toEqual([]);
    }
  });

  it('knock_config(5) has each, with its default', () => {
    const items = [...PAGE5.matchAll(/^\.It Cm (\w+) /gm)].map(([, name]) => name!);
    expect(items).toEqual(
      KEYWORDS.toSorted((a, b) => a.owner.localeCompare(b.owner)).map(({ name }) => name),
    );
    expect(PAGE5.match(/^Default: /gm)).toHaveLength(KEYWORDS.length);
  });

  it("ssh's own that count are named in README", () => {
    for (const { name } of KEYWORDS.filter(({ owner }) => owner === 'ssh'))
      expect(README).toContain(`\`${name}\``);
  });
});

describe('options', () => {
  it('knockproxy(1) has each command with all its options, and no other', () => {
    const [, commands = ''] = PAGE1.split('.Sh COMMANDS');
    const items = commands.split('\n.It Nm Cm ').slice(1);
    expect(items.map((item) => item.split(/[ \n]/)[0])).toEqual(COMMANDS.map(({ name }) => name));
    for (const [index, item] of items.entries()) {
      const names = [...item.split('\n.Sh ')[0]!.matchAll(/^\.It .*?Fl -([\w-]+)/gm)].map(([, name]) => name);
      expect(names).toEqual(COMMANDS[index]!.options.map(({ name }) => name));
    }
  });

  it('the form that ssh runs is the same in --help, README and knockproxy(1), and is read so', () => {
    const form = readProxyForm().replace("-- '%h' %p ['%n' ['%r']]", '[--] HOST PORT [ALIAS [USER]]');
    expect(codeBlocks(README).some(({ text }) => text === form)).toBe(true);
    const shown = sorted([...form.matchAll(/\[(--?[\w-]+)|\|(-\w)/g)].map(([, a, b]) => a ?? b!));
    const [synopsis1 = ''] = PAGE1.split('.Sh DESCRIPTION');
    const page = [...synopsis1.matchAll(/^\.Op Fl (\S+)(?: \| (\d))?/gm)].flatMap(([, a, b]) => [
      a!,
      ...(b ?? ''),
    ]);
    expect(sorted(page.map((name) => `-${name}`))).toEqual(shown);
    const values = ['-F', '--knock-config'];
    for (const option of shown) {
      const argv = [option, ...(values.includes(option) ? ['/x'] : []), 'host', '22'];
      expect(parseProxyArgv(argv)).toMatchObject({ host: 'host', port: 22 });
    }
  });

  it('no page names one that does not exist', () => {
    const known = new Set(COMMANDS.flatMap(({ options }) => options.map(({ name }) => name)));
    for (const name of ['fdpass', 'knock-config', 'help', 'version']) known.add(name);
    for (const text of [README, readFileSync(file('docs/design.md'), 'utf8')]) {
      const ours = [...text.matchAll(/knockproxy[^\n`]*|`--[^`]*`/g)].map(([found]) => found);
      const named = ours.flatMap((line) =>
        [...line.matchAll(/(?<![\w-])--([a-z][\w-]*)/g)].map(([, name]) => name!),
      );
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    }
  });
});

describe('man pages', () => {
  const reason = installed('mandoc') ? undefined : 'mandoc is not installed';
  if (reason !== undefined && process.env.CI) throw new Error(`CI must not skip this: ${reason}`);
  if (reason !== undefined) process.stderr.write(`skipped "mandoc -Tlint": ${reason}\n`);

  it.skipIf(reason !== undefined).each(pkg.man)('mandoc -Tlint has nothing to say of %s', (page) => {
    const { stdout } = spawnSync('mandoc', ['-Tlint', file(page)], { encoding: 'utf8' });
    const said = stdout.split('\n').filter((line) => !/^$|referenced manual not found|mandoc\.db/.test(line));
    expect(said).toEqual([]);
  });
});

describe("README's blocks", () => {
  const blocks = codeBlocks(README);
  const isConfig = (text: string) => /^(#.*\n)?(Host|Match|IgnoreUnknown) /m.test(text);
  const configs = blocks.filter(({ text }) => isConfig(text)).flatMap(columns);
  const isProgram = (text: string) => text.startsWith('import ');
  const shells = blocks.filter(
    ({ text }) => !isConfig(text) && !isProgram(text) && !text.startsWith('knockproxy ['),
  );

  it.each(configs)('ssh takes the configuration at line $line, and so do we', ({ text }) => {
    const config = join(work, 'config');
    writeFileSync(config, `IgnoreUnknown Knock*\n${text}\n`, { mode: 0o600 });
    const { status, stderr } = spawnSync('ssh', ['-TG', '-F', config, 'example.com'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const names = [...text.matchAll(/^Host (.*)$/gm)].flatMap(([, patterns]) => patterns!.trim().split(' '));
    const isKnock = /^ *Knock/m.test(text);
    if (isKnock) writeFileSync(config, text, { mode: 0o600 });
    for (const host of names) {
      const files = isKnock
        ? { knockConfig: config, configFile: 'none' }
        : { configFile: config, knockConfig: 'none' };
      expect(readHostConfig({ host, port: 22, ...files }).settings.door !== undefined).toBe(isKnock);
    }
  });

  it.each(shells)('a shell can read the commands at line $line, and knows the programs', ({ text }) => {
    const commands = text.replace(/^knockproxy .*[[|][\s\S]*?(?=\n\S|$)/gm, ''); // synopses are not commands
    expect(spawnSync('sh', ['-n'], { input: commands, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    for (const line of commands.split('\n').filter((each) => /^npm|&& npm/.test(each))) {
      for (const [, script] of line.matchAll(/npm run (\S+)/g)) expect(pkg.scripts).toHaveProperty(script!);
    }
    for (const [, name = ''] of commands.matchAll(/^knockproxy (\S+)/gm)) {
      expect(COMMANDS.map((command) => command.name)).toContain(name);
    }
  });

  it.each(blocks.filter(({ text }) => isProgram(text)))(
    'the program at line $line has no errors',
    ({ text }) => {
      const folder = mkdtempSync(join(work, 'program-'));
      symlinkSync(file('node_modules'), join(folder, 'node_modules'));
      writeFileSync(join(folder, 'program.mts'), text);
      const config = {
        extends: file('tsconfig.json'),
        compilerOptions: { paths: { knockproxy: [file('src/index.ts')] } },
        include: ['program.mts'],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const argv = [file('node_modules/typescript/bin/tsc'), '-p', folder];
      expect(spawnSync(process.execPath, argv, { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stdout: '',
      });
    },
  );

  it('generate in README runs as it stands, short of --add', () => {
    const lines = README.match(/^ {4}knockproxy generate .*--out.*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    for (const [index, line] of lines.entries()) {
      const words = line
        .trim()
        .replace(/ {2,}#.*/, '')
        .replace(' --add', '')
        .split(' ')
        .slice(1);
      const cwd = mkdtempSync(join(work, `${index}-`));
      const argv = [file('dist/knockproxy.cjs'), ...words, '--yes'];
      expect(spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
      const folder = words[words.indexOf('--out') + 1]!;
      expect(existsSync(join(cwd, folder, 'server/install.sh'))).toBe(true);
    }
  });
});
