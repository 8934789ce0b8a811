import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Rules that these break, each with why it takes linear time all the same. */
const PROVEN: Readonly<Record<string, string>> = {
  '^\\[(!?)((?:\\[:\\w+:\\]|[^\\]])(?:\\[:\\w+:\\]|[^\\]])*)\\]':
    'where the end fails, a bracket before it is one',
  '^(exec|(.*\\/)?env|\\w+=.*)$': 'either of two ways has one of them',
  '\\s*,\\s*|\\s+': 'blanks without a comma behind them are taken by the other way, all at once',
};

interface Literal {
  readonly file: string;
  readonly pattern: string;
}

function literalsOf(file: string): Literal[] {
  const found: Literal[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { regex } = node as { regex?: { pattern: string } };
    if (regex) found.push({ file: path.relative(SRC, file), pattern: regex.pattern });
    for (const [key, value] of Object.entries(node)) if (key !== 'regex') visit(value);
  };
  visit(parseAst(fs.readFileSync(file, 'utf8'), { lang: 'ts' }));
  return found;
}

const files = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join(SRC, name));
const literals = files.flatMap(literalsOf);

/** The pattern with each escape, class and literal as one letter, so that what is left is its structure. */
function structure(pattern: string): string {
  return pattern
    .replace(/\\[pP]\{[^}]*\}|\\u\{?[0-9a-f]{4,6}\}?|\\x[0-9a-f]{2}|\\./gi, 'e')
    .replace(/\[(?:[^\]])*\]/g, 'c')
    .replace(/\(\?(?:[:=!]|<[=!])/g, '(')
    .replace(/\{\d+(?:,\d+)?\}/g, '?');
}

const REPEATED = /[*+]|\{\d+,\}/;

/** A group without a limit around something without a limit: exponential, unless the parts cannot be confused. */
function hasNestedRepeat(pattern: string): boolean {
  const text = structure(pattern);
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') open.push(i);
    if (text[i] !== ')') continue;
    const body = text.slice(open.pop()! + 1, i);
    if (/^[*+]|^\{\d+,\}/.test(text.slice(i + 1)) && REPEATED.test(body)) return true;
  }
  return false;
}

/** Tried at every character, and each time as far as its first part reaches: quadratic when what follows fails. */
function beginsWithRepeat(pattern: string): boolean {
  const begins = /^\(*[ec\w /,.][*+](.*)$/s;
  return alternatives(structure(pattern)).some((way) => {
    const [, rest = ''] = begins.exec(way) ?? [];
    return rest.replaceAll(')', '') !== '';
  });
}

/** What stands between the bars outside of groups. */
function alternatives(text: string): string[] {
  const ways = [''];
  let depth = 0;
  for (const letter of text) {
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0;
    if (letter === '|' && depth === 0) ways.push('');
    else ways[ways.length - 1] += letter;
  }
  return ways;
}

/** `.*` and the like twice: each place for the first is tried with each for the second. */
function hasTwoOpenRepeats(pattern: string): boolean {
  const anything = pattern.match(/\.[*+]|\[\\s\\S\][*+]|\[\^[^\]]*\][*+]/g) ?? [];
  return anything.filter((part) => part.startsWith('.') || part.startsWith('[\\s')).length > 1;
}

describe('regular expressions', () => {
  it('are found by this test', () => {
    expect(literals.length).toBeGreaterThan(100);
    expect([
      hasNestedRepeat('^(\\d+[smhdw]?)+$'),
      beginsWithRepeat('[ \\t]+$'),
      beginsWithRepeat('^a|\\s+b'),
    ]).toEqual([true, true, true]);
    expect([
      hasTwoOpenRepeats('a(.*?)b(.*)'),
      hasNestedRepeat('(ab)+c*'),
      beginsWithRepeat('[a-z]+'),
    ]).toEqual([true, false, false]);
  });

  it('take linear time, by their form', () => {
    const suspicious = literals.filter(
      ({ pattern }) =>
        PROVEN[pattern] === undefined &&
        (hasNestedRepeat(pattern) || beginsWithRepeat(pattern) || hasTwoOpenRepeats(pattern)),
    );
    expect(suspicious).toEqual([]);
  });

  it('no exception is out of date', () => {
    const all = new Set(literals.map(({ pattern }) => pattern));
    expect(Object.keys(PROVEN).filter((pattern) => !all.has(pattern))).toEqual([]);
  });
});
