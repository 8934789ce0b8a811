import { configError } from '../../util/errors.ts';
import { type SpaSetting, type SpaSettings, type SpaSlot, setVariable } from './fwknop-variables.ts';

/**
 * Reads ~/.fwknoprc as fwknop 2.6.10 does (client/config_init.c: process_rc_section): the stanza `default`
 * wherever it is, then the requested stanza; a later line replaces an earlier one. Other stanzas are not checked.
 */

/** The client splits longer lines into pieces of this many bytes, each a line of its own (MAX_LINE_LEN). */
const PIECE = 1023;
const DEFAULT = 'default';

/**
 * @param text one character per byte (latin1).
 * @param stanza the name of a stanza, case-insensitive.
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...` where the client fails too: no such stanza, an unknown variable, a missing
 * or invalid value. Messages never quote the file.
 */
export function readRc(text: string, stanza: string, file: string): SpaSettings {
  const wanted = lowerCase(stanza);
  const stanzas = findStanzas(text, new Set([DEFAULT, wanted]));
  if (!stanzas.has(wanted)) {
    throw configError(
      { file },
      `there is no stanza [${printable(stanza)}]`,
      'KnockSpa takes the name of a stanza',
    );
  }
  const settings = new Map<SpaSlot, SpaSetting>();
  for (const name of new Set([DEFAULT, wanted])) {
    for (const line of stanzas.get(name) ?? []) readLine(settings, line, file);
  }
  return settings;
}

/** Whether the file has a stanza of this name. */
export function hasStanza(text: string, stanza: string): boolean {
  const wanted = lowerCase(stanza);
  return findStanzas(text, new Set([wanted])).has(wanted);
}

/** One line that is not a comment. */
interface NumberedLine {
  readonly text: string;
  readonly number: number;
}

function findStanzas(text: string, names: ReadonlySet<string>): Map<string, NumberedLine[]> {
  const found = new Map<string, NumberedLine[]>();
  let lines: NumberedLine[] | undefined;
  for (const line of splitLines(text)) {
    const stanza = stanzaName(line.text);
    if (stanza === undefined) {
      lines?.push(line);
    } else {
      lines = names.has(stanza) ? (found.get(stanza) ?? []) : undefined;
      if (lines) found.set(stanza, lines);
    }
  }
  return found;
}

/** Skips empty lines and comments, which the first character determines (common/common.h: IS_EMPTY_LINE). */
function* splitLines(text: string): Generator<NumberedLine> {
  let number = 0;
  for (const whole of text.split('\n')) {
    number++;
    for (let start = 0; start === 0 || start < whole.length; start += PIECE) {
      // A C string ends at a NUL.
      const piece = whole.slice(start, start + PIECE).split('\0', 1)[0]!;
      if (!/^([#;\r]|$)/.test(piece)) yield { text: piece, number };
    }
  }
}

/** config_init.c: is_rc_section. */
function stanzaName(line: string): string | undefined {
  const start = line.search(/[^ \t\v\f\r]/);
  if (line[start] !== '[') return undefined;
  const end = line.indexOf(']', start);
  return end < 0 ? undefined : lowerCase(line.slice(start + 1, end));
}

/** config_init.c: is_rc_param: sscanf of `%s %[^ ;\t\n\r#]`, then the name is cut at its last colon. */
function readLine(settings: Map<SpaSlot, SpaSetting>, line: NumberedLine, file: string): void {
  const match = /^[ \t\v\f\r]*([^ \t\v\f\r]+)[ \t\v\f\r]+([^ ;\t\r#]+)/.exec(line.text);
  const where = { file, line: line.number };
  if (match === null) {
    throw configError(
      where,
      'this line has no value',
      'a line has the form VARIABLE VALUE; a comment begins with #',
    );
  }
  const [, word = '', value = ''] = match;
  const name = word.replace(/:[^:]*$/, '');
  setVariable(settings, name, { name, value, ...where });
}

/** ASCII only, as strcasecmp in the C locale. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function printable(text: string): string {
  const shown = text.slice(0, 64).replace(/[^ -~]/g, '?');
  return shown.length < text.length ? `${shown}...` : shown;
}
