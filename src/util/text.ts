/**
 * Characters that a terminal interprets instead of showing: control characters including C1, format characters such as
 * those that reverse the direction of text, and line separators.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Escapes the characters that a terminal would interpret. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** Like oneLine(), for a name between quotes: escapes quotes and backslashes as well. */
export function printable(text: string): string {
  if (/^[\w.:@ -]*$/.test(text)) return text;
  return oneLine(text.replace(/[\\']/g, escaped));
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/**
 * Quotes a word for the shell, on one line. Control characters need `$'...'`, which bash, zsh, ksh and POSIX.1-2024 sh
 * support.
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

export const MAX_PORT = 65_535;

/** default_ssh_port of misc.c. */
export const SSH_PORT = 22;

/** A decimal port number from 1 to MAX_PORT, else undefined. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= MAX_PORT ? port : undefined;
}
