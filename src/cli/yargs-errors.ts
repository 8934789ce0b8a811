import { type KnockproxyError, usageError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { nearest } from '../util/nearest.ts';
import { type Command, isOptional } from './shared/command.ts';

/**
 * Rewords the errors of yargs without the ports of a sequence: yargs quotes excess operands and invalid values.
 *
 * @param command the one that was typed, if it is one.
 */
export function explainRefusal(
  message: string,
  argv: readonly string[],
  command: Command | undefined,
): KnockproxyError {
  const help = command === undefined ? "see 'knockproxy --help'" : `see 'knockproxy ${command.name} --help'`;
  const unknown = unknownOption(argv, command);
  if (unknown !== undefined) {
    const meant = nearest(unknown, knownOptions(command));
    return usageError(`unknown option --${unknown}`, ...(meant ? [`did you mean --${meant}?`] : []), help);
  }
  if (/^Unknown arguments?: /.test(message))
    return usageError('too many operands, or an unknown option (not shown: it may contain a sequence)', help);
  if (command !== undefined && message.startsWith('Not enough non-option arguments'))
    return usageError(`missing operand: ${requiredOperands(command)}`, help);
  return usageError(printable(withoutNumbersOf(argv, message)), help);
}

/** The first long option that the command does not have, and that cannot be a port. */
function unknownOption(argv: readonly string[], command: Command | undefined): string | undefined {
  const end = argv.indexOf('--');
  const known = new Set(knownOptions(command));
  return argv
    .slice(0, end < 0 ? argv.length : end)
    .map((word) => /^--(?:no-)?([A-Za-z][A-Za-z-]*)(?:=|$)/.exec(word)?.[1])
    .find((name) => name !== undefined && !known.has(name));
}

function knownOptions(command: Command | undefined): string[] {
  return [...Object.keys(command?.options ?? {}), 'help', 'version'];
}

function requiredOperands({ operands }: Command): string {
  const shown = Object.values(operands).map(({ shown }) => shown);
  return shown.filter((operand) => !isOptional(operand)).join(' ');
}

function withoutNumbersOf(argv: readonly string[], message: string): string {
  const typed = new Set(argv.flatMap((arg) => arg.match(/\d+/g) ?? []));
  return message.replace(/\n */g, ' ').replace(/\d+/g, (number) => (typed.has(number) ? '...' : number));
}
