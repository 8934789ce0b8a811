// Writes the man pages to dist/man: the prose of docs/man with what --help and the table of keywords say.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { EXIT_CODES } from '../src/check/exit-codes.ts';
import { KEYWORDS, type Keyword } from '../src/config/keywords.ts';
import { type HelpCommand, type HelpOption, readCommands } from './help.ts';

const root = new URL('../', import.meta.url);
mkdirSync(new URL('dist/man', root), { recursive: true });
const ours = KEYWORDS.filter(({ owner }) => owner === 'ours');
const others = KEYWORDS.filter(({ owner }) => owner === 'ssh');
const statuses = Object.values(EXIT_CODES).flatMap(({ exitCode, help }) => [
  `.It ${exitCode}`,
  sentence(help),
]);
write('knockproxy.1', { COMMANDS: readCommands().flatMap(command), CHECK_STATUSES: statuses });
write('knock_config.5', { KEYWORDS: ours.flatMap(keyword), SSH_KEYWORDS: others.flatMap(keyword) });

function write(page: string, parts: Record<string, readonly string[]>): void {
  let text = readFileSync(new URL(`docs/man/${page}.in`, root), 'utf8');
  for (const [name, lines] of Object.entries(parts)) text = text.replace(`@${name}@`, () => lines.join('\n'));
  writeFileSync(new URL(`dist/man/${page}`, root), text.split('\n').map(wrap).join('\n'));
}

/** Text lines, not macros, in at most 80 columns. */
function wrap(line: string): string {
  return line.startsWith('.') ? line : line.replace(/(.{1,80})(?: +|$)/g, '$1\n').trimEnd();
}

function command({ name, operands, help, options }: HelpCommand): string[] {
  const heading = `.It Nm Cm ${name}${operands === '' ? '' : ` ${operandArgs(operands)}`}`;
  if (options.length === 0) return [heading, sentence(help)];
  return [heading, sentence(help), '.Bl -tag -width Ds -compact', ...options.flatMap(option), '.El'];
}

function operandArgs(operands: string): string {
  const words = operands.match(/\[[^\]]*\](?!\S)|\S+/g) ?? [];
  return words.map((word) => (word.endsWith(']') ? `Op Ar ${word.slice(1, -1)}` : `Ar ${word}`)).join(' ');
}

function option({ alias, name, value, help }: HelpOption): string[] {
  const short = alias === undefined ? '' : `Fl ${alias} , `;
  return [`.It ${short}Fl -${name}${value === undefined ? '' : ` Ar ${value}`}`, sentence(help)];
}

function keyword({ name, owner, value, default: fallback, help }: Keyword): string[] {
  if (owner === 'ssh') return [`.It Cm ${name}`, sentence(help)];
  return [`.It Cm ${name} Ar ${quoted(value)}`, sentence(help), `Default: ${escapeRoff(fallback)}.`];
}

function quoted(value: string): string {
  return `"${escapeRoff(value)}"`;
}

/** A capital at the beginning, unless that is a value (`yes: ...`) or the program; a full stop; a line for each sentence. */
function sentence(text: string): string {
  const first = /^(?!knockproxy )[a-z]+[ ,;]/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
  return `${escapeRoff(first)}${first.endsWith('.') ? '' : '.'}`.replace(/([a-z)])\. (?=[A-Z])/g, '$1.\n');
}

/** No escape and no macro. */
function escapeRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replace(/^(?=[.'])/, '\\&')
    .replaceAll("'", '\\(aq')
    .replaceAll('~', '\\(ti');
}
