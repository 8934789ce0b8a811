import { type KnockproxyError, usageError } from '../util/errors.ts';
import { printable } from '../util/log.ts';

const UNKNOWN = /^Unknown arguments?: /;

/**
 * What yargs refuses, without what may be a port of a sequence: it names operands that are too many, and values that it
 * does not know.
 */
export function explainRefusal(message: string, argv: readonly string[]): KnockproxyError {
  const text = UNKNOWN.test(message)
    ? explainUnknown(message.replace(UNKNOWN, '').split(', '), argv)
    : withoutNumbersOf(argv, message);
  return usageError(printable(text), "see 'knockproxy --help'");
}

function explainUnknown(names: readonly string[], argv: readonly string[]): string {
  const options = names.filter((name) => !/\d/.test(name) && argv.some((arg) => isOption(arg, name)));
  if (options.length === 0)
    return 'too many operands, or an unknown option (not shown: it may hold a sequence)';
  return `Unknown argument${options.length === 1 ? '' : 's'}: ${options.join(', ')}`;
}

/** Of the spellings that yargs gives an option, the one that was typed. */
function isOption(arg: string, name: string): boolean {
  if (arg.startsWith('--')) return arg.slice(2).split('=', 1)[0] === name;
  return arg.startsWith('-') && name.length === 1 && arg.includes(name);
}

function withoutNumbersOf(argv: readonly string[], message: string): string {
  const typed = new Set(argv.flatMap((arg) => arg.match(/\d+/g) ?? []));
  return message.replace(/\n */g, ' ').replace(/\d+/g, (number) => (typed.has(number) ? '...' : number));
}
