import fs from 'node:fs';
import path from 'node:path';
import { usageError } from './errors.ts';
import { printable } from './log.ts';

// In a ProxyCommand with unquoted tokens, the shell expands patterns in host names to file names of the working
// directory, which may be a hostile repository. These checks refuse arguments that may come from such an expansion.

/** Whether a path, relative to the working directory, exists. */
export type Exists = (path: string) => boolean;

/** Uses lstat(2), as a shell does to match a pattern. */
export function existsInWorkingFolder(path: string): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The command line that ssh runs, split. */
interface ProxyLine {
  readonly options: { readonly configFile?: string; readonly knockConfig?: string };
  /** The words before the operands. */
  readonly optionWords: readonly string[];
  /** At least two, of which the second is a port. */
  readonly operands: readonly string[];
}

/** @throws KnockproxyError (exit status 2) if an argument may be a file name that a shell pattern matched. */
export function checkProxyLine({ options, optionWords, operands }: ProxyLine, exists: Exists): void {
  const [host, port, alias, user] = operands as [string, string, string?, string?];
  if (operands.length > 4) {
    throw usageError('too many operands: HOST PORT [ALIAS [USER]] are at most four', QUOTE);
  }
  checkPath('-F', options.configFile);
  checkPath('--knock-config', options.knockConfig);
  const end = optionWords.at(-1);
  const optionsAreSafe = end === '--' && !exists(end);
  if (!optionsAreSafe) for (const word of optionWords) if (word.startsWith('-')) refuseFileName(word, exists);
  // A pattern before ssh's PORT matched more than one name.
  if ([alias, user].some((word) => isPort(word))) refuseFileName(port, exists);
  // One pattern matched a host, another the alias whose knocks that host would see.
  if (alias !== undefined && alias !== host && exists(host)) refuseFileName(alias, exists);
}

/**
 * The check for all other command lines: refuses options that are file names here, and a command where every word up to
 * the next port is one, such as `knockproxy open web 22` expanded from `knockproxy %h %p`.
 *
 * @throws KnockproxyError (exit status 2)
 */
export function checkCommandLine(
  argv: readonly string[],
  commands: ReadonlySet<string>,
  exists: Exists = existsInWorkingFolder,
): void {
  const end = argv.indexOf('--');
  const words = end < 0 || exists('--') ? argv : argv.slice(0, end);
  for (const word of words) if (word.startsWith('-') && word !== '-') refuseFileName(word, exists);
  const at = words.findIndex((word) => commands.has(word));
  const portAt = words.findIndex((word, index) => index > at && isPort(word));
  if (at >= 0 && portAt >= 0 && words.slice(at, portAt).every(exists)) refuseFileName(words[at]!, exists);
}

function isPort(word: string | undefined): boolean {
  return word !== undefined && /^\d{1,5}$/.test(word);
}

/** @throws KnockproxyError if the word names a file in the working directory. */
function refuseFileName(word: string, exists: Exists): void {
  if (!exists(word)) return;
  throw usageError(
    `'${printable(word)}' is the name of a file in this directory, so a shell may have expanded it from a pattern`,
    QUOTE,
    'or run it in another directory',
  );
}

const QUOTE = "quote the tokens, after all options: ProxyCommand knockproxy -- '%h' %p";

/** @throws KnockproxyError for a path relative to the working directory. */
function checkPath(option: string, file: string | undefined): void {
  if (file === undefined || path.isAbsolute(file) || /^(~\/.|none$)/i.test(file)) return;
  throw usageError(`${option} '${printable(file)}' is not an absolute path, ~/... or none`, QUOTE);
}
