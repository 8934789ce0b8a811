import { toBytes } from '../util/bytes.ts';
import { records } from './permissions.ts';
import type { ConfigSystem } from './types.ts';

/**
 * Expands an Include pattern like OpenSSH's own glob(3) with GLOB_TILDE: `*`, `?`, `[...]` and `\`, no braces. A leading
 * dot must be matched explicitly. Results are in byte order.
 *
 * @param pattern absolute or beginning with `~`, bytes as latin1.
 */
export function glob(pattern: string, system: ConfigSystem): string[] {
  const anchored = expandTilde(pattern, system);
  if (!anchored.startsWith('/')) return [];
  let paths = [''];
  for (const segment of anchored.slice(1).split('/')) {
    const test = segmentTest(segment);
    paths = test
      ? paths.flatMap((folder) => matches(folder, test, system))
      : paths.map((folder) => `${folder}/${segment.replace(/\\([\s\S])/g, '$1')}`);
  }
  return paths.filter((path) => system.exists(path)).sort(byteOrder);
}

/** globtilde: $HOME before the password database for `~`, the database for `~name`. */
function expandTilde(path: string, system: ConfigSystem): string {
  if (!path.startsWith('~')) return path;
  const slash = path.indexOf('/');
  const name = path.slice(1, slash < 0 ? path.length : slash);
  const rest = slash < 0 ? '' : path.slice(slash);
  if (name === '') return (system.env('HOME') ?? toBytes(system.home)) + rest;
  const home = records(system, '/etc/passwd').find((fields) => fields[0] === name)?.[5];
  return home === undefined ? path : home + rest;
}

function matches(folder: string, test: SegmentTest, system: ConfigSystem): string[] {
  return system
    .list(folder === '' ? '/' : folder)
    .filter(test)
    .map((name) => `${folder}/${name}`);
}

/** Compares UTF-16 units, which are bytes here. */
function byteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type SegmentTest = (name: string) => boolean;
type CharacterTest = (character: string) => boolean;

/** The pattern of one path component; undefined if it contains no special characters. */
function segmentTest(segment: string): SegmentTest | undefined {
  if (!/[*?[]/.test(segment)) return undefined;
  const parts = readSegment(segment);
  const mayBeHidden = segment.startsWith('.');
  return (name) => (mayBeHidden || !name.startsWith('.')) && matchesAll(name, parts);
}

/** One test per character of a name; `*` matches any number of characters. */
function readSegment(segment: string): (CharacterTest | '*')[] {
  const parts: (CharacterTest | '*')[] = [];
  const lastEnd = segment.lastIndexOf(']');
  for (let i = 0; i < segment.length; i++) {
    const letter = segment[i]!;
    const bracket = letter === '[' && i < lastEnd ? BRACKET.exec(segment.slice(i)) : null;
    if (bracket) {
      const set = regExp(`^[${bracket[1] ? '^' : ''}${classBody(bracket[2]!)}]$`);
      parts.push((character) => set.test(character));
      i += bracket[0].length - 1;
    } else if (letter === '*') parts.push('*');
    else if (letter === '?') parts.push(() => true);
    else {
      const expected = letter === '\\' && i + 1 < segment.length ? segment[++i] : letter;
      parts.push((character) => character === expected);
    }
  }
  return parts;
}

const BRACKET = /^\[(!?)((?:\[:\w+:\]|[^\]])(?:\[:\w+:\]|[^\]])*)\]/;

/** Backtracks to the last star only: time is at most the product of both lengths. */
function matchesAll(name: string, parts: readonly (CharacterTest | '*')[]): boolean {
  let [n, p, starAt, resumeAt] = [0, 0, -1, 0];
  while (n < name.length) {
    const part = parts[p];
    if (part === '*') {
      starAt = p++;
      resumeAt = n;
    } else if (part?.(name[n]!)) {
      n++;
      p++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      n = ++resumeAt;
    } else return false;
  }
  while (parts[p] === '*') p++;
  return p === parts.length;
}

const CLASSES: Record<string, string> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
};

function classBody(body: string): string {
  return body.replace(/\[:(\w+):\]|([\s\S])/g, (_, name?: string, letter?: string) =>
    name !== undefined ? (CLASSES[name] ?? '') : letter === '-' ? '-' : literal(letter!),
  );
}

function literal(letter: string): string {
  return /[\w]/.test(letter) ? letter : `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** A pattern that is no valid regular expression (a reversed range) matches nothing. */
function regExp(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    return /(?!)/;
  }
}
