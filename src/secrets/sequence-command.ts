import path from 'node:path';
import { type Ending, type Limits, runProgram } from '../processes/run-program.ts';
import { UNSAFE_IN_SHELL } from '../ssh-config/unsafe.ts';
import { configError, KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { ownHome } from '../util/own-home.ts';
import type { Names, Obtained } from './obtained-sequences.ts';
import { expandNames } from './percent-tokens.ts';
import { readSequenceText } from './sequence-text.ts';

/** Allows time to type a PIN; KnockTimeout does not include it. */
const LIMITS: Limits = { timeMs: 60_000, outputBytes: 65_536 };

/** Prevents recursion. In the environment of the program: the doors for which it and its ancestors run. */
const COMMAND_MARKER = 'KNOCKPROXY_COMMAND';

function markOf({ where, alias, port }: Names): string {
  return [where, alias, port].map(encodeURIComponent).join(':');
}

/** @throws KnockproxyError if this process was started by the program that prints the secret of this door. */
export function refuseRecursion(names: Names, keyword = 'KnockSequenceCommand'): void {
  if (!process.env[COMMAND_MARKER]?.split(',').includes(markOf(names))) return;
  throw configError(names.where, `${keyword} connects to its own host`);
}

/**
 * Runs the program that prints the sequence.
 *
 * @param words as configured, with tokens.
 * @throws KnockproxyError naming the program, never its arguments or output.
 */
export async function obtainFromCommand(
  words: readonly string[],
  names: Names,
  options: Partial<Limits> = {},
): Promise<Obtained> {
  const { text, what } = await runSecretCommand(words, names, options);
  return { candidates: readSequenceText(text, { names, what }) };
}

/**
 * Runs a program that prints a secret, without a shell, without stdin and with a pipe as stdout. It can ask for a PIN
 * on stderr and the terminal. It ends when this process does.
 *
 * @param words as configured, with tokens.
 * @returns what it printed (UTF-8), and what to call that in a message.
 * @throws KnockproxyError naming the program, never its arguments or output.
 */
export async function runSecretCommand(
  words: readonly string[],
  names: Names,
  options: Partial<Limits> = {},
): Promise<{ readonly text: string; readonly what: string }> {
  const limits = { ...LIMITS, ...options };
  const argv = expandCommand(words, names);
  const program = printable(words[0]!);
  const outer = process.env[COMMAND_MARKER];
  const marker = [...(outer ? [outer] : []), markOf(names)].join(',');
  const ending = await runProgram(argv, limits, { [COMMAND_MARKER]: marker });
  const problem = problemOf(ending, limits, program);
  if (problem !== undefined) {
    const { text, exitCode, hints = [] } = problem;
    throw new KnockproxyError(`${names.where}: ${program} ${text}`, { exitCode, hints });
  }
  return { text: ending.output, what: `the output of ${program}` };
}

/**
 * Expands tokens inside single words except the first, like ssh's KnownHostsCommand.
 *
 * @throws KnockproxyError for an unknown token, and for a value that is unsafe there.
 */
export function expandCommand(
  [first = '', ...rest]: readonly string[],
  names: Names,
  home = ownHome(),
): string[] {
  const program = first.startsWith('~/') ? path.join(home, first.slice(2)) : first;
  if (program === '' || (/[/\\]/.test(program) && !path.isAbsolute(program))) {
    const message = 'the program must be an absolute path, ~/..., or a name that is found on PATH';
    throw configError(names.where, message);
  }
  return [program, ...rest.map((word, index) => expandWord(word, index + 2, names))];
}

/** The program may be a shell (`sh -c "pass show knock/%n"`), so characters that a shell interprets are refused. */
function expandWord(word: string, number: number, names: Names): string {
  const beginsWithToken = /^%[^%]/.test(word);
  return expandNames(word, names, `word ${number} of the command`, (value) => {
    if (beginsWithToken && value.startsWith('-')) return 'begins with - and would be taken for an option';
    const isUnsafe = UNSAFE_IN_SHELL.test(value.replace(/^-/, '')) || PATTERN.test(value);
    return isUnsafe ? 'contains a character that the shell interprets' : undefined;
  });
}

/** What else a shell expands: patterns, `~`, and `#` as a comment. */
const PATTERN = /[*?[\]]|^[~#]/;

interface CommandProblem {
  readonly text: string;
  /** 2: the configuration is wrong. */
  readonly exitCode: 1 | 2;
  readonly hints?: readonly string[];
}

function problemOf(ending: Ending, limits: Limits, program: string): CommandProblem | undefined {
  switch (ending.how) {
    case 'not started':
      return notStarted(ending.code, program);
    case 'too long':
      return { text: `did not end within ${limits.timeMs / 1000} s`, exitCode: 1 };
    case 'too much':
      return { text: `printed more than ${limits.outputBytes} bytes`, exitCode: 1 };
    case 'signal':
      return { text: `was terminated by ${ending.signal}`, exitCode: 1 };
    case 'exit':
      if (ending.status !== 0) return { text: `ended with exit status ${ending.status}`, exitCode: 1 };
      return ending.output.trim() === '' ? { text: 'printed nothing', exitCode: 1 } : undefined;
  }
}

/** An unreadable folder in PATH causes EACCES for a name that does not exist (execvp(3)). */
function notStarted(code: string, program: string): CommandProblem {
  const hints = ['an absolute path does not depend on PATH'];
  if (code === 'ENOENT') return { text: 'was not found', exitCode: 2, hints };
  if (code !== 'EACCES') return { text: `could not be started (${code})`, exitCode: 2 };
  if (path.isAbsolute(program)) return { text: 'could not be run (permission denied)', exitCode: 2 };
  return { text: 'was not found, or permission to run it was denied', exitCode: 2, hints };
}
