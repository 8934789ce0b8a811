import { KeywordTable } from '../ssh-config/keyword-table.ts';
import { LineReader, valueEnd } from '../ssh-config/line.ts';

/** The keywords used by edits, besides Host, Match, Include, HostName, User and Port. */
const TABLE = new KeywordTable(new Map(), ['proxycommand', 'proxyjump']);

export interface ReadLine {
  /** In lower case; empty for a keyword that no edit uses. */
  readonly keyword: string;
  /** The rest of the line, trimmed. */
  readonly value: string;
}

/** Splits a line like ssh; undefined for a blank line or a comment. */
export function readLine(line: string): ReadLine | undefined {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  const reader = new LineReader(line, TABLE, false);
  const entry = reader.read(0, line.length);
  return { keyword: entry?.keyword ?? '', value: entry ? line.slice(reader.valueAt).trim() : '' };
}

/** The line with another value; what is around it, also blanks and a CR at the end, stays. */
export function replaceValue(line: string, value: string): string {
  const reader = new LineReader(line, TABLE, false);
  reader.read(0, line.length);
  const end = valueEnd(line, reader.valueAt);
  return line.slice(0, reader.valueAt) + value + line.slice(end);
}

export function isHeader(line: ReadLine | undefined): boolean {
  return line?.keyword === 'host' || line?.keyword === 'match';
}

/** Formats a line `Keyword value`. */
export function splitSetting(line: string): [keyword: string, value: string] {
  const blank = line.indexOf(' ');
  return [line.slice(0, blank).toLowerCase(), line.slice(blank + 1)];
}

/** The character before each line feed of a file: a CR, or nothing. */
export function carriageReturn(lines: readonly string[]): '\r' | '' {
  return lines.length > 1 && lines[0]!.endsWith('\r') ? '\r' : '';
}

/**
 * Inserts lines before line `at` (from 0), or after the last one. A file without a final line feed stays so: removing
 * the same lines restores it byte for byte.
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
