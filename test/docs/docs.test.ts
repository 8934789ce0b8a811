import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { readCommands, readProxyForm } from '../../scripts/help.ts';
import { REFERENCE } from '../../scripts/reference-pages.ts';
import { parseProxyArgv } from '../../src/argv.ts';
import { KEYWORDS } from '../../src/config/keywords.ts';
import { installed } from '../netns/available.ts';
import { codeBlocks, PAGES, REPOSITORY, withoutEscapes } from './pages.ts';

const file = (name: string) => REPOSITORY + name;
const [PAGE1, PAGE5] = pkg.man.map((name) => readFileSync(file(name), 'utf8')) as [string, string];
const COMMANDS = readCommands();
const OURS = KEYWORDS.filter(({ owner }) => owner === 'ours').map(({ name }) => name);
const sorted = (words: Iterable<string>) => [...new Set(words)].sort();

describe('reference', () => {
  it.each(Object.entries(REFERENCE))('docs/%s says what the tables of src say', (name, page) => {
    const hint = 'node --import ./scripts/typescript.mjs scripts/reference.ts writes it';
    expect(readFileSync(file(`docs/${name}`), 'utf8'), hint).toBe(page());
  });
});

describe('keywords', () => {
  it('no page names one that does not exist', () => {
    const known = new Set([...OURS, 'Knock']);
    for (const text of [...PAGES.map((page) => page.text), PAGE1, PAGE5]) {
      const unknown = [...text.matchAll(/\bKnock[A-Z]\w*/g)].filter(([word]) => !known.has(word));
      expect(unknown.map(([word]) => word)).toEqual([]);
    }
  });

  it('knock_config(5) has each, with its default if it is not a keyword of ssh', () => {
    const items = [...PAGE5.matchAll(/^\.It Cm (\w+)(?: |$)/gm)].map(([, name]) => name!);
    expect(items).toEqual(
      KEYWORDS.toSorted((a, b) => a.owner.localeCompare(b.owner)).map(({ name }) => name),
    );
    expect(PAGE5.match(/^Default: /gm)).toHaveLength(OURS.length);
  });

  it('begins a text with a capital, but not a value or the name of the program', () => {
    expect(PAGE5).toMatch(/^\.It Cm ProxyUseFdpass\nyes: /m);
    expect(PAGE5).toMatch(/^\.It Cm ConnectTimeout\nknockproxy /m);
    expect(PAGE5).toMatch(/^\.It Cm KnockSequence .*\nThe /m);
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

  it('the form that ssh runs is the same in --help, docs/client.md and knockproxy(1), and is read so', () => {
    const form = readProxyForm().replace("-- '%h' %p ['%n' ['%r']]", '[--] HOST PORT [ALIAS [USER]]');
    const client = PAGES.find(({ name }) => name === 'docs/client.md')!;
    expect(codeBlocks(client).map(({ text }) => text)).toContain(form);
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
    for (const { text } of PAGES) {
      const ours = [...text.matchAll(/knockproxy[^\n`]*|`--[^`]*`/g)].map(([found]) => found);
      const named = ours.flatMap((line) =>
        [...line.matchAll(/(?<![\w-])--([a-z][\w-]*)/g)].map(([, name]) => name!),
      );
      expect(named.filter((name) => !known.has(name))).toEqual([]);
    }
  });
});

/** The words of a message in the man page that are always the same: capitals, `N` and `...` stand for others. */
function fixedWords(message: string): string[] {
  return withoutEscapes(message)
    .split(/\b(?:HOST|FILE|PROGRAM|ADDRESS|NAME|WORD|N)\b|\.\.\./)
    .map((part) => part.replace(/^[^\w]+|[^\w]+$/g, ''))
    .filter(Boolean);
}

describe('man pages', () => {
  it('knockproxy(1) has under DIAGNOSTICS only messages that src has', () => {
    const [, diagnostics = ''] = PAGE1.split('.Sh DIAGNOSTICS\n');
    const messages = [...diagnostics.split('\n.Sh ')[0]!.matchAll(/^\.It (.*)$/gm)].map(([, text]) => text!);
    expect(messages.length).toBeGreaterThan(20);
    const sources = readdirSync(file('src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(file(`src/${name}`), 'utf8'));
    const isSaid = (words: string) => sources.some((text) => text.includes(words));
    expect(messages.flatMap(fixedWords).filter((words) => !isSaid(words))).toEqual([]);
  });

  const reason = installed('mandoc') ? undefined : 'mandoc is not installed';
  if (reason !== undefined && process.env.CI) throw new Error(`CI must not skip this: ${reason}`);
  if (reason !== undefined) process.stderr.write(`skipped "mandoc -Tlint": ${reason}\n`);

  it.skipIf(reason !== undefined).each(pkg.man)('mandoc -Tlint has nothing to say of %s', (page) => {
    const { stdout } = spawnSync('mandoc', ['-Tlint', file(page)], { encoding: 'utf8' });
    const said = stdout.split('\n').filter((line) => !/^$|referenced manual not found|mandoc\.db/.test(line));
    expect(said).toEqual([]);
  });
});
