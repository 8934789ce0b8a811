import { toBytes } from './bytes.ts';
import { records } from './permissions.ts';
import type { ConfigSystem } from './types.ts';

/**
 * The files an Include pattern names, as OpenSSH's own glob(3) with GLOB_TILDE finds them: `*`, `?`, `[...]`
 * and `\`, no braces, a dot at the beginning of a name only where the pattern has it, in byte order.
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

function matches(folder: string, test: RegExp, system: ConfigSystem): string[] {
  return system
    .list(folder === '' ? '/' : folder)
    .filter((name) => test.test(name))
    .map((name) => `${folder}/${name}`);
}

/** Default sort compares UTF-16 units, which are bytes here. */
function byteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A pattern for one folder level; undefined when the segment holds nothing special. */
function segmentTest(segment: string): RegExp | undefined {
  if (!/[*?[]/.test(segment)) return undefined;
  let source = segment.startsWith('.') ? '' : '(?!\\.)';
  for (let i = 0; i < segment.length; i++) {
    const letter = segment[i]!;
    const bracket =
      letter === '[' ? /^\[(!?)((?:\[:\w+:\]|[^\]])(?:\[:\w+:\]|[^\]])*)\]/.exec(segment.slice(i)) : null;
    if (bracket) {
      source += `[${bracket[1] ? '^' : ''}${classBody(bracket[2]!)}]`;
      i += bracket[0].length - 1;
    } else if (letter === '*') source += '[\\s\\S]*';
    else if (letter === '?') source += '[\\s\\S]';
    else if (letter === '\\' && i + 1 < segment.length) source += literal(segment[++i]!);
    else source += literal(letter);
  }
  return regExp(`^${source}$`);
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

/** A pattern that is no regular expression (a range that runs backwards) matches nothing. */
function regExp(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    return /(?!)/;
  }
}
