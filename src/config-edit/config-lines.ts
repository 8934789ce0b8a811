import { KeywordTable } from '../ssh-config/keyword-table.ts';
import { LineReader } from '../ssh-config/line.ts';

/** Keywords that an edit looks at, beside Host, Match, Include, HostName, User and Port. */
const TABLE = new KeywordTable(new Map(), ['proxycommand', 'proxyjump']);

export interface ReadLine {
  /** In lower case; empty for a keyword that no edit looks at. */
  readonly keyword: string;
  /** The rest of the line, without blanks around it. */
  readonly value: string;
}

/** A line as ssh takes it apart; undefined for a blank line and a comment. */
export function readLine(line: string): ReadLine | undefined {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  const reader = new LineReader(line, TABLE, false);
  const entry = reader.read(0, line.length);
  return { keyword: entry?.keyword ?? '', value: entry ? line.slice(reader.valueAt).trim() : '' };
}

export function isHeader(line: ReadLine | undefined): boolean {
  return line?.keyword === 'host' || line?.keyword === 'match';
}

/** A line `Keyword value` of our own making. */
export function splitSetting(line: string): [keyword: string, value: string] {
  const blank = line.indexOf(' ');
  return [line.slice(0, blank).toLowerCase(), line.slice(blank + 1)];
}

/** What stands before the line feeds of a file: a CR, or nothing. */
export function carriageReturn(lines: readonly string[]): '\r' | '' {
  return lines.length > 1 && lines[0]!.endsWith('\r') ? '\r' : '';
}

/**
 * Puts lines before line `at` (from 0), or behind the last one. A file without a line feed at its end stays so:
 * taking the same lines out again gives back every byte.
 */
export function insertLines(text: string, at: number, added: readonly string[]): string {
  const lines = text.split('\n');
  const cr = carriageReturn(lines);
  const hasEnd = lines.at(-1) === '';
  const place = Math.min(at, hasEnd ? lines.length - 1 : lines.length);
  const isLast = place === lines.length;
  const ended = added.map((line, i) => (isLast && i === added.length - 1 ? line : line + cr));
  return [...lines.slice(0, place), ...ended, ...lines.slice(place)].join('\n');
}
