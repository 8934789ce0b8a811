import { lowerAscii } from '../util/bytes.ts';
import { hashLetter, type KeywordEntry, type KeywordTable } from './keyword-table.ts';
import { delimited, skipBlanks } from './tokens.ts';

const FORM_FEED = 12;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const TAB = 9;
const DOUBLE = 34;
const HASH = 35;
const EQUALS = 61;

/**
 * Reads the keyword of a line, as process_config_line of readconf.c. The result is in fields, because allocating an
 * object per line would be slow.
 */
export class LineReader {
  /** The offset of the value of the line just read. */
  valueAt = 0;
  /** The keyword of the line just read, as written, if it should be in the table but is not; else empty. */
  unknown = '';
  readonly #text: string;
  readonly #table: KeywordTable;
  readonly #strict: boolean;

  /** @param strict whether every keyword should be in the table, not just those that begin with `knock`. */
  constructor(text: string, table: KeywordTable, strict: boolean) {
    this.#text = text;
    this.#table = table;
    this.#strict = strict;
  }

  /** The keyword of the line, if in the table. @param end the offset of the line feed or the end of the text. */
  read(start: number, end: number): KeywordEntry | undefined {
    const text = this.#text;
    this.unknown = '';
    let at = start;
    let code = text.charCodeAt(at);
    while (code === SPACE || code === TAB) code = text.charCodeAt(++at);
    if (at >= end || code === HASH) return undefined;
    let stop = at;
    let hash = 0;
    for (; stop < end; stop++) {
      code = text.charCodeAt(stop);
      if (code <= EQUALS && endsKeyword(code)) break;
      hash = hashLetter(hash, code);
    }
    // Usually the keyword has no quotes and ends at a blank or `=`.
    const isUsual = stop > at && (stop === end || code === SPACE || code === TAB || code === EQUALS);
    return isUsual ? this.#usual(at, stop, end, hash) : this.#odd(start, end);
  }

  #usual(at: number, stop: number, end: number, hash: number): KeywordEntry | undefined {
    const text = this.#text;
    const entry = this.#table.byHash.get(hash);
    if (entry === undefined || !isSpelled(entry, text, at, stop)) {
      if (this.#strict || beginsWithKnock(text, at)) this.unknown = text.slice(at, stop);
      return undefined;
    }
    let valueAt = skipBlanks(text, stop);
    if (text.charCodeAt(valueAt) === EQUALS) valueAt = skipBlanks(text, valueAt + 1);
    this.valueAt = Math.min(valueAt, end);
    return entry;
  }

  /** Any line, like ssh: strdelim once, and again if the line begins with a blank or `=`. */
  #odd(start: number, end: number): KeywordEntry | undefined {
    const line = this.#text.slice(start, stripEnd(this.#text, start, end));
    let token = delimited(line, 0);
    if (token?.token === '') token = delimited(line, token.next);
    if (token === undefined || token.token === '' || token.token.charCodeAt(0) === HASH) return undefined;
    const keyword = lowerAscii(token.token);
    const entry = this.#table.byName.get(keyword);
    if (entry === undefined && (this.#strict || beginsWithKnock(keyword, 0))) this.unknown = token.token;
    this.valueAt = start + (token.next < 0 ? line.length : skipBlanks(line, token.next));
    return entry;
  }
}

/** The end of the value of a line, without trailing blanks, CR and form feed. */
export function valueEnd(text: string, valueAt: number): number {
  const lineEnd = text.indexOf('\n', valueAt);
  return stripEnd(text, valueAt, lineEnd < 0 ? text.length : lineEnd);
}

function stripEnd(text: string, start: number, lineEnd: number): number {
  let end = lineEnd;
  while (end > start) {
    const code = text.charCodeAt(end - 1);
    if (code !== SPACE && code !== TAB && code !== CARRIAGE_RETURN && code !== FORM_FEED) break;
    end--;
  }
  return end;
}

function endsKeyword(code: number): boolean {
  return (
    code === SPACE ||
    code === TAB ||
    code === EQUALS ||
    code === DOUBLE ||
    code === CARRIAGE_RETURN ||
    code === FORM_FEED
  );
}

/** Whether the text from `at` to `stop` is the entry's keyword, ignoring case. */
function isSpelled(entry: KeywordEntry, text: string, at: number, stop: number): boolean {
  if (stop - at !== entry.keyword.length) return false;
  if (text.startsWith(entry.spelling, at)) return true;
  const spelling = text.slice(at, stop);
  if (lowerAscii(spelling) !== entry.keyword) return false;
  entry.spelling = spelling;
  return true;
}

function beginsWithKnock(text: string, at: number): boolean {
  return (text.charCodeAt(at) | 32) === 107 && lowerAscii(text.slice(at, at + 5)) === 'knock';
}
