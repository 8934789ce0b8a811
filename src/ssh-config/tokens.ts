const SPACE = 32;
const TAB = 9;
const DOUBLE = 34;
const SINGLE = 39;
const HASH = 35;
const BACKSLASH = 92;

/**
 * argv_split of misc.c, terminated by a comment: words are separated by blanks, either quote groups anywhere in a word,
 * `\` escapes a quote or backslash (outside quotes also a space).
 *
 * @returns undefined if a quote is not closed.
 */
export function splitArguments(text: string): string[] | undefined {
  const words: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SPACE || code === TAB) continue;
    if (code === HASH) break;
    const end = plainWordEnd(text, i);
    if (end >= 0) {
      words.push(text.slice(i, end));
      i = end;
      continue;
    }
    const word = quotedWord(text, i);
    if (word === undefined) return undefined;
    words.push(word.value);
    i = word.end;
  }
  return words;
}

/** The reverse for one word: quotes it if necessary. The word contains no line feed. */
export function quoteArgument(word: string): string {
  return word === '' || /["'#\\\s]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word;
}

/** The end of a word without quotes and backslashes, -1 for any other word. */
function plainWordEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SPACE || code === TAB) return i;
    if (code === DOUBLE || code === SINGLE || code === BACKSLASH) return -1;
  }
  return text.length;
}

function quotedWord(text: string, from: number): { value: string; end: number } | undefined {
  let value = '';
  let quote = 0;
  let i = from;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH && isEscapable(text.charCodeAt(i + 1), quote)) value += text[++i];
    else if (quote === 0 && (code === SPACE || code === TAB)) break;
    else if (quote === 0 && (code === DOUBLE || code === SINGLE)) quote = code;
    else if (quote !== 0 && code === quote) quote = 0;
    else value += text[i];
  }
  return quote === 0 ? { value, end: i } : undefined;
}

function isEscapable(code: number, quote: number): boolean {
  return code === SINGLE || code === DOUBLE || code === BACKSLASH || (quote === 0 && code === SPACE);
}

/** A token and the offset of the next; -1 where strdelim returns a null pointer. */
interface Delimited {
  readonly token: string;
  readonly next: number;
}

/**
 * strdelim of misc.c, with which ssh reads the keyword of a line (and, before 9.9, the words of `Match`): a token ends at
 * a blank, at one `=` or after a double-quoted part.
 *
 * @returns undefined at the end, and if a quote is not closed.
 */
export function delimited(text: string, from: number): Delimited | undefined {
  if (from < 0) return undefined;
  let at = from;
  while (at < text.length && !isDelimiter(text.charCodeAt(at))) at++;
  if (at >= text.length) return { token: text.slice(from), next: -1 };
  if (text.charCodeAt(at) === DOUBLE) {
    const close = text.indexOf('"', at + 1);
    if (close < 0) return undefined;
    return { token: text.slice(from, at) + text.slice(at + 1, close), next: skipBlanks(text, close + 1) };
  }
  const token = text.slice(from, at);
  let next = skipBlanks(text, at + 1);
  if (text[at] !== '=' && text[next] === '=') next = skipBlanks(text, next + 1);
  return { token, next };
}

/** The offset after the blanks (space, tab, CR) at `from`; never past a line feed. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== TAB && code !== 13) return at;
    at++;
  }
}

function isDelimiter(code: number): boolean {
  return code === SPACE || code === TAB || code === 13 || code === 10 || code === DOUBLE || code === 61;
}
