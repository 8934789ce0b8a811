import type { Command, OptionRow } from '../shared/command.ts';

/** What precedes the word to complete. */
export interface TypedLine {
  /** undefined: the word to complete may be the command. */
  readonly command?: Command;
  /** Long names of the options given, with the last value of each. */
  readonly given: ReadonlyMap<string, string>;
  readonly operands: number;
  /** The word to complete is the value of this option. */
  readonly awaiting?: OptionRow;
  /** `--` precedes it: it is no option. */
  readonly isOperand: boolean;
}

/** Reads the words after the program's name, without the one to complete. */
export function readTypedLine(words: readonly string[], commands: readonly Command[]): TypedLine {
  const names = new Set(commands.map(({ name }) => name));
  const commandAt = words.findIndex((word) => names.has(word));
  const command = commands.find(({ name }) => name === words[commandAt]);
  const given = new Map<string, string>();
  let operands = 0;
  let awaiting: string | undefined;
  let isOperand = false;
  for (const word of words.slice(commandAt + 1)) {
    if (awaiting !== undefined) {
      given.set(awaiting, word);
      awaiting = undefined;
    } else if (isOperand || word === '-' || !word.startsWith('-')) operands++;
    else if (word === '--') isOperand = true;
    else awaiting = readOption(word, command, given);
  }
  const row = awaiting === undefined ? undefined : command?.options[awaiting];
  return { ...(command && { command }), given, operands, ...(row && { awaiting: row }), isOperand };
}

/** @returns the long name of an option whose value is the next word. */
function readOption(
  word: string,
  command: Command | undefined,
  given: Map<string, string>,
): string | undefined {
  const [, typed = '', value] = /^--?([^=]*)(?:=(.*))?$/.exec(word) ?? [];
  const names = word.startsWith('--') ? [typed] : [...typed].map((letter) => longName(letter, command));
  for (const each of names) given.set(each, value ?? '');
  const name = names.at(-1) ?? '';
  return value === undefined && command?.options[name]?.type === 'text' ? name : undefined;
}

function longName(name: string, command: Command | undefined): string {
  const found = Object.entries<OptionRow>(command?.options ?? {}).find(([, { alias }]) => alias === name);
  return found?.[0] ?? name;
}
