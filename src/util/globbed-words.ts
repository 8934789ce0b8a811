import fs from 'node:fs';
import path from 'node:path';
import { usageError } from './errors.ts';
import { printable } from './log.ts';

// The shell that runs a ProxyCommand with unquoted tokens makes words of the file names in the working folder, which
// may be a hostile repository's. The functions here refuse what such a word could choose.

/** Whether a path, relative to the working folder, leads to something. */
export type IsThere = (path: string) => boolean;

/** lstat(2), as a shell decides what a pattern matches. */
export function isInWorkingFolder(path: string): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The form that ssh runs, split. */
interface Line {
  readonly options: { readonly configFile?: string; readonly knockConfig?: string };
  /** The words before the operands. */
  readonly optionWords: readonly string[];
  /** At least two, of which the second is a port. */
  readonly operands: readonly string[];
}

/** @throws KnockproxyError (exit status 2) where a word may be the name of a file that a shell pattern has matched. */
export function checkLine({ options, optionWords, operands }: Line, isThere: IsThere): void {
  const [host, port, alias, user] = operands as [string, string, string?, string?];
  if (operands.length > 4) {
    throw usageError('too many operands: HOST PORT [ALIAS [USER]] are at most four', QUOTE);
  }
  checkPath('-F', options.configFile);
  checkPath('--knock-config', options.knockConfig);
  const end = optionWords.at(-1);
  const areQuoted = end === '--' && !isThere(end);
  if (!areQuoted) for (const word of optionWords) if (word.startsWith('-')) refuseFileName(word, isThere);
  // A pattern before the PORT of ssh has matched more than one name.
  if ([alias, user].some((word) => isPort(word))) refuseFileName(port, isThere);
  // One pattern has matched a host, another one the alias whose knocks that host would see.
  if (alias !== undefined && alias !== host && isThere(host)) refuseFileName(alias, isThere);
}

/**
 * For the other command lines: refuses options that are names of files here, and a command that with all words up to
 * the next port is one, as in `knockproxy open web 22` from `knockproxy %h %p`.
 *
 * @throws KnockproxyError (exit status 2)
 */
export function checkCommandLine(
  argv: readonly string[],
  commands: ReadonlySet<string>,
  isThere: IsThere = isInWorkingFolder,
): void {
  const end = argv.indexOf('--');
  const words = end < 0 || isThere('--') ? argv : argv.slice(0, end);
  for (const word of words) if (word.startsWith('-') && word !== '-') refuseFileName(word, isThere);
  const at = words.findIndex((word) => commands.has(word));
  const portAt = words.findIndex((word, index) => index > at && isPort(word));
  if (at >= 0 && portAt >= 0 && words.slice(at, portAt).every(isThere)) refuseFileName(words[at]!, isThere);
}

function isPort(word: string | undefined): boolean {
  return word !== undefined && /^\d{1,5}$/.test(word);
}

/** @throws KnockproxyError for a word that is the name of a file in the working folder. */
function refuseFileName(word: string, isThere: IsThere): void {
  if (!isThere(word)) return;
  throw usageError(
    `'${printable(word)}' is the name of a file in this folder, which a shell may have put into the command line`,
    QUOTE,
    'or run it in another folder',
  );
}

const QUOTE = "quote the tokens, behind all options: ProxyCommand knockproxy -- '%h' %p";

/** @throws KnockproxyError for a path that depends on the working folder. */
function checkPath(option: string, file: string | undefined): void {
  if (file === undefined || path.isAbsolute(file) || /^(~\/.|none$)/i.test(file)) return;
  throw usageError(`${option} '${printable(file)}' is not an absolute path, ~/... or none`, QUOTE);
}
