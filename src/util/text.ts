/**
 * What a terminal acts on instead of showing it: control characters, C1 among them, format characters such as those
 * that reverse the direction of text, line separators.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text for one line of a terminal: what it would act on is shown as an escape. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** The same for a name between quotes: its own quotes and backslashes are escapes too. */
export function printable(text: string): string {
  if (/^[\w.:@ -]*$/.test(text)) return text;
  return oneLine(text.replace(/[\\']/g, escaped));
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/**
 * A word as the user's shell takes it back, on one line. With control characters it takes `$'...'`, which bash, zsh,
 * ksh and sh of POSIX.1-2024 know.
 */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (oneLine(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const quoted = word
    .replace(/[\\']/g, '\\$&')
    .replace(UNPRINTABLE, (char) =>
      [...Buffer.from(char)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    );
  return `$'${quoted}'`;
}

/** A decimal port number from 1 to 65535, else undefined. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
