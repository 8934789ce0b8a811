import { splitArguments } from '../ssh-config/tokens.ts';
import type { OptionTable } from './shared/command.ts';
import { SET_UP_OPTIONS } from './shared/option-tables.ts';
import { type Pasted, PROGRAMS } from './shared/pasted-command.ts';

export interface Expanded {
  readonly argv: readonly string[];
  readonly pasted?: Pasted;
}

/**
 * Reads a command line of knock, fwknop or ssh after `add`, as words or as one quoted string. Options of `add` may stand
 * before it and, spelt out, behind.
 *
 * @param argv the command line; it begins with `add`.
 * @returns it with the host in place of the pasted words. A host may have the name of a program: `add ssh`.
 * @throws KnockproxyError (exit status 2) for a pasted line that is not understood.
 */
export function expandPasted(argv: readonly string[]): Expanded {
  if (argv.some((word) => HELP.has(word))) return { argv };
  const at = 1 + operandAt(argv.slice(1));
  const words = unwrapped(argv.slice(at));
  const name = words[0]?.split('/').at(-1) ?? '';
  if (!Object.hasOwn(PROGRAMS, name)) return { argv };
  const { own, others } = separate(words.slice(1));
  if (others.length === 0) return { argv };
  const pasted = PROGRAMS[name as keyof typeof PROGRAMS](others);
  const { host, port, user } = pasted;
  if (host === undefined) return { argv };
  const options = [
    ...(port === undefined ? [] : ['--port', port]),
    ...(user === undefined ? [] : ['--user', user]),
  ];
  return { argv: [...argv.slice(0, at), ...options, ...own, host], pasted };
}

const HELP = new Set(['-h', '--help', '-V', '--version']);
const TABLE: OptionTable = SET_UP_OPTIONS;

/** The index of the first operand. */
function operandAt(words: readonly string[]): number {
  let at = 0;
  while (at < words.length && /^-./.test(words[at]!)) at += 1 + valuesOf(words[at]!);
  return at;
}

/** How many words after an option of `add` are its value; undefined for another. */
function valuesOf(word: string): 0 | 1 {
  const row = Object.entries(TABLE).find(
    ([name, { alias }]) => word === `--${name}` || word === `-${alias}`,
  )?.[1];
  return row?.type === 'text' ? 1 : 0;
}

/** A quoted line split, without a prompt and sudo in front. */
function unwrapped(words: readonly string[]): string[] {
  const [first = '', ...rest] = words;
  const all = [...(/\s/.test(first) ? (splitArguments(first) ?? [first]) : [first]), ...rest];
  const start = all.findIndex((word) => !['$', '#', 'sudo'].includes(word));
  return all.slice(Math.max(0, start));
}

/** The long options of `add`, with their values, and the other words. */
function separate(words: readonly string[]): { own: string[]; others: string[] } {
  const own: string[] = [];
  const others: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const name = /^--([a-z-]+)/.exec(word)?.[1] ?? '';
    if (word !== '-y' && !Object.hasOwn(TABLE, name)) others.push(word);
    else {
      own.push(...words.slice(at, at + 1 + valuesOf(word)));
      at += valuesOf(word);
    }
  }
  return { own, others };
}
