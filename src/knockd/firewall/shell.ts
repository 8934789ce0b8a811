/** One command of a shell command line. */
export interface SimpleCommand {
  /** Quotes and backslashes are taken off; nothing is expanded. */
  readonly words: readonly string[];
  /** Its output goes to the next one. */
  readonly isPiped: boolean;
  /** Files of its redirections. */
  readonly files: readonly string[];
}

/**
 * Splits a command line at `;`, `&`, `|`, line feeds and parentheses, as sh(1) does. Redirections and comments are
 * left out, `$(...)` and backquotes stay as they are, part of a word.
 */
export function simpleCommands(line: string): SimpleCommand[] {
  const reader = new Reader(line);
  while (reader.step());
  return reader.commands;
}

class Reader {
  readonly commands: SimpleCommand[] = [];
  readonly #text: string;
  #at = 0;
  #words: string[] = [];
  #files: string[] = [];
  /** undefined between words. */
  #word: string | undefined;
  /** The word being read is the file of a redirection. */
  #isRedirection = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads on; false at the end. */
  step(): boolean {
    const char = this.#text[this.#at];
    if (char === undefined || (char === '#' && this.#word === undefined)) {
      this.#skipComment();
      return this.#at < this.#text.length;
    }
    if (/[ \t]/.test(char)) this.#endWord();
    else if (/[;&|()\n]/.test(char)) this.#separator(char);
    else if (/[<>]/.test(char)) this.#redirection();
    else this.#append(char);
    this.#at++;
    return true;
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    this.#endCommand(false);
  }

  /** `&>` and `>&` are redirections. */
  #separator(char: string): void {
    if (char === '&' && this.#text[this.#at + 1] === '>') return;
    this.#endCommand(char === '|' && this.#text[this.#at + 1] !== '|');
  }

  #redirection(): void {
    if (this.#word !== undefined && /^\d+$/.test(this.#word)) this.#word = undefined;
    this.#endWord();
    while (/[<>&]/.test(this.#text[this.#at + 1] ?? '')) this.#at++;
    this.#isRedirection = true;
  }

  #append(char: string): void {
    const text = this.#text;
    const start = this.#at;
    this.#word ??= '';
    if (char === '\\') this.#word += text[++this.#at] ?? '';
    else if (char === "'") this.#word += this.#between(indexOrEnd(text, "'", start + 1));
    else if (char === '"')
      this.#word += this.#between(endOfDouble(text, start + 1)).replace(/\\(["\\$`])/g, '$1');
    else if (char === '`') this.#word += this.#to(indexOrEnd(text, '`', start + 1));
    else if (char === '$' && text[start + 1] === '(')
      this.#word += this.#to(endOfSubstitution(text, start + 2));
    else this.#word += char;
  }

  /** The text from here to `end`, which is read. */
  #to(end: number): string {
    const text = this.#text.slice(this.#at, end + 1);
    this.#at = end;
    return text;
  }

  /** The text between the quotes here and at `end`, which is read. */
  #between(end: number): string {
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end;
    return text;
  }

  #endWord(): void {
    if (this.#word === undefined) return;
    (this.#isRedirection ? this.#files : this.#words).push(this.#word);
    this.#isRedirection = false;
    this.#word = undefined;
  }

  #endCommand(isPiped: boolean): void {
    this.#endWord();
    this.#isRedirection = false;
    if (this.#words.length > 0) this.commands.push({ words: this.#words, isPiped, files: this.#files });
    this.#words = [];
    this.#files = [];
  }
}

function indexOrEnd(text: string, char: string, from: number): number {
  const at = text.indexOf(char, from);
  return at < 0 ? text.length : at;
}

function endOfDouble(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
    else if (text.startsWith('$(', at)) at = endOfSubstitution(text, at + 2);
  }
  return text.length;
}

function endOfSubstitution(text: string, from: number): number {
  for (let at = from, depth = 1; at < text.length; at++) {
    if (text[at] === "'") at = indexOrEnd(text, "'", at + 1);
    else if (text[at] === '"') at = endOfDouble(text, at + 1);
    else if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return text.length;
}
