import type { Command, Completes, OptionRow } from '../shared/command.ts';
import { readTypedLine, type TypedLine } from './typed-line.ts';

export interface Candidate {
  readonly word: string;
  readonly help?: string;
}

/** What may stand in place of a word; `files`: the names of files, which the shell knows best. */
type Offer = readonly Candidate[] | 'files';

/** The names of a kind in the user's files that begin with `prefix`. */
type FindHosts = (kind: Exclude<Completes, 'file'>, prefix: string, files: FileNames) => string[];

/** The files that the line names instead of the usual ones. */
interface FileNames {
  readonly config?: string;
  readonly knockConfig?: string;
}

/** What a line is completed from. */
export interface Sources {
  readonly commands: readonly Command[];
  readonly findHosts: FindHosts;
}

/** @param words the command line after the name of the program, up to the word to complete. */
export function complete(words: readonly string[], sources: Sources): Offer {
  const line = readTypedLine(words.slice(0, -1), sources.commands);
  const word = words.at(-1) ?? '';
  const offer = candidates(line, word, sources);
  return offer === 'files' ? offer : offer.filter((candidate) => candidate.word.startsWith(word));
}

function candidates(line: TypedLine, word: string, { commands, findHosts }: Sources): Offer {
  const { command, operands, awaiting, isOperand } = line;
  if (awaiting !== undefined) return values(awaiting, line, word, findHosts);
  if (word.startsWith('-') && !isOperand) return options(line, word, findHosts);
  if (command === undefined)
    return operands === 0 ? commands.map(({ name, help }) => ({ word: name, help })) : [];
  const row = Object.values(command.operands)[operands];
  return row === undefined ? [] : values(row, line, word, findHosts);
}

function options(line: TypedLine, word: string, findHosts: FindHosts): Offer {
  const { command, given } = line;
  const [, name = '', value] = /^--([^=]*)=(.*)$/.exec(word) ?? [];
  const row = command?.options[name];
  if (value !== undefined) {
    const offer = row === undefined ? [] : values(row, line, value, findHosts);
    return offer === 'files' ? offer : offer.map((each) => ({ ...each, word: `--${name}=${each.word}` }));
  }
  const all = Object.entries<OptionRow>(command?.options ?? {});
  const left = all.filter(([option, { type }]) => type === 'count' || !given.has(option));
  return [
    ...left.map(([option, { help }]) => ({ word: `--${option}`, help })),
    { word: '--help', help: 'show the help' },
    ...(command === undefined ? [{ word: '--version', help: 'show the version' }] : []),
  ];
}

interface Value {
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

function values(
  { choices, completes }: Value,
  { given }: TypedLine,
  word: string,
  findHosts: FindHosts,
): Offer {
  if (choices !== undefined) return choices.map((choice) => ({ word: choice }));
  if (completes === undefined) return [];
  if (completes === 'file') return 'files';
  const [config, knockConfig] = [given.get('config'), given.get('knock-config')];
  const files = {
    ...(config !== undefined && { config }),
    ...(knockConfig !== undefined && { knockConfig }),
  };
  return findHosts(completes, word, files).map((host) => ({ word: host }));
}
