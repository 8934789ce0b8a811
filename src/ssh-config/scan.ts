import { configError } from '../util/errors.ts';
import { nearest } from '../util/nearest.ts';
import type { KeywordEntry, KeywordTable } from './keyword-table.ts';
import { LineReader } from './line.ts';

/** The number of elements in `lines` per line of interest. */
export const STRIDE = 3;

/** A file, reduced to the lines of interest. */
export interface Scanned {
  /** Bytes as latin1. */
  readonly text: string;
  /** For display, UTF-8 decoded. */
  readonly file: string;
  /** Keyword code, offset of the value in `text`, line number; line after line. */
  readonly lines: readonly number[];
  /** The Knock keywords in this file. */
  readonly keywords: ReadonlySet<string>;
}

/**
 * Finds the lines with a keyword of the table. Does not parse values, because most are for other hosts.
 *
 * @param strict the file is knock_config, which allows only Host, Match, Include and Knock keywords.
 * @throws KnockproxyError for an unknown keyword that begins with `knock`; if strict, for any unknown keyword.
 */
export function scan(bytes: string, file: string, table: KeywordTable, strict: boolean): Scanned {
  // getline(3) reads past a NUL; the rest of ssh stops at it.
  const text = bytes.includes('\0') ? bytes.replace(/\0[^\n]*/g, '') : bytes;
  const reader = new LineReader(text, table, strict);
  const lines: number[] = [];
  const keywords = new Set<string>();
  let line = 0;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    line++;
    const entry = reader.read(start, end);
    if (entry === undefined) {
      if (reader.unknown !== '') refuse(reader.unknown, { file, line }, table, strict);
      continue;
    }
    if (strict && !belongsInKnockConfig(entry)) refuse(entry.spelling, { file, line }, table, strict);
    lines.push(entry.code, reader.valueAt, line);
    if (entry.ours) keywords.add(entry.keyword);
  }
  return { text, file, lines, keywords };
}

function belongsInKnockConfig(entry: KeywordEntry): boolean {
  return entry.ours || entry.code <= 2;
}

/** Quotes only the leading letters of the keyword: the rest may be a sequence after a missing blank. */
function refuse(
  keyword: string,
  where: { file: string; line: number },
  table: KeywordTable,
  strict: boolean,
): void {
  const letters = /^[a-z]*/i.exec(keyword)![0];
  const shown = letters === keyword ? letters : `${letters}...`;
  const meant = nearest(letters, table.spellings);
  const hints = meant === undefined ? [] : [`did you mean ${meant}?`];
  if (/^knock/i.test(keyword)) {
    throw configError(where, `unknown keyword ${shown}`, ...hints, 'knock_config(5) lists the keywords');
  }
  if (!strict) return;
  const what = letters === '' ? 'this line' : shown;
  throw configError(
    where,
    `${what} is not allowed here: only Host, Match, Include and the Knock keywords are`,
    ...hints,
  );
}
