import { parseProxyArgv } from '../argv.ts';
import { splitArguments } from '../ssh-config/tokens.ts';
import { type Passed, passedNames, quoteWord } from './quote-word.ts';

/** A ProxyCommand that runs knockproxy and nothing else. */
interface OwnCommand {
  /** `knockproxy` alone, a path of it, or the paths of Node and the script. */
  readonly program: readonly string[];
  /** With their values. */
  readonly options: readonly string[];
  readonly passed: Passed;
  /** Whether its end is quoted as passedNames() does. */
  readonly isQuoted: boolean;
}

/**
 * Reads a ProxyCommand in the forms that knockproxy writes or documents, also those of 1.0.0, which ended in `%h %p %n %r`
 * without quotes.
 *
 * @returns undefined for any other: pipes, wrappers such as ssh, other quotes.
 */
export function readOwnCommand(
  command: string,
  platform: NodeJS.Platform = process.platform,
): OwnCommand | undefined {
  const pieces = splitPieces(command);
  const at = pieces.findIndex((piece) => unquoted(piece) === '%h');
  if (at < 1) return undefined;
  const passed = PASSED.get(pieces.slice(at).map(unquoted).join(' '));
  const words = pieces.slice(0, at).map((piece) => wordOf(piece, platform));
  if (passed === undefined || !words.every((word) => word !== undefined)) return undefined;
  const length = programLength(words);
  const options = words.slice(length).filter((word, i, all) => word !== '--' || i < all.length - 1);
  if (length === 0 || !areOptions(options)) return undefined;
  const isQuoted = command.endsWith(` ${passedNames(passed, platform)}`);
  return { program: words.slice(0, length), options, passed, isQuoted };
}

/** The ProxyCommand as `add` writes it. @throws KnockproxyError as quoteWord */
export function writeOwnCommand(
  { program, options, passed }: Omit<OwnCommand, 'isQuoted'>,
  platform: NodeJS.Platform = process.platform,
): string {
  const words = [...program, ...options].map((word) => quoteWord(word, platform));
  return [...words, passedNames(passed, platform)].join(' ');
}

const PASSED = new Map<string, Passed>([
  ['%h %p', 'host'],
  ['%h %p %n', 'alias'],
  ['%h %p %n %r', 'user'],
]);

/** The words with their quotes. */
function splitPieces(command: string): string[] {
  const pieces = [''];
  let quote = '';
  for (const [at, char] of command.split('').entries()) {
    const isEscaped = quote === '' && command[at - 1] === '\\';
    if (quote === '' && /\s/.test(char)) pieces.push('');
    else pieces[pieces.length - 1] += char;
    if (!isEscaped && /['"]/.test(char) && (quote === '' || quote === char)) quote = quote === '' ? char : '';
  }
  return pieces.filter((piece) => piece !== '');
}

function unquoted(piece: string): string {
  return /^(['"])%[hpnr]\1$/.test(piece) ? piece.slice(1, -1) : piece;
}

/** The word without quotes; undefined if the shell or ssh would change it. */
function wordOf(piece: string, platform: NodeJS.Platform): string | undefined {
  const [quoted = ''] = splitArguments(piece) ?? [];
  const word = quoted.replaceAll('%%', '%');
  if (word.replaceAll('%', '%%') !== quoted) return undefined;
  return /^[\w./:+,@%~=-]+$/.test(piece) || quoteWord(word, platform) === piece ? word : undefined;
}

function programLength([first = '', second = '']: readonly string[]): number {
  // Quotes would keep the shell from expanding it.
  if (first.startsWith('~') || second.startsWith('~')) return 0;
  if (isKnockproxy(first)) return 1;
  return /^node(js)?(\.exe)?$/.test(nameOf(first)) && isKnockproxy(second) ? 2 : 0;
}

function isKnockproxy(word: string): boolean {
  return /^knockproxy(\.[cm]?js|\.cmd|\.exe)?$/.test(nameOf(word));
}

function nameOf(file: string): string {
  return file.split(/[/\\]/).at(-1)!;
}

function areOptions(words: readonly string[]): boolean {
  try {
    return parseProxyArgv([...words, '--', 'host', '22'], () => false) !== undefined;
  } catch {
    return false;
  }
}
