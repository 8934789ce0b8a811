import { usageError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { proxyFormError } from './usage-errors.ts';

/**
 * Moves the operands after `--` to the command, where yargs parses them as its positionals.
 *
 * @throws KnockproxyError for an operand that yargs would parse as an option, and if there is no command before `--`.
 */
export function operandsFirst(argv: readonly string[], commands: ReadonlySet<string>): readonly string[] {
  const end = argv.indexOf('--');
  if (end < 0) return argv;
  const options = argv.slice(0, end);
  const commandAt = options.findIndex((word) => commands.has(word));
  if (commandAt < 0) throw proxyFormError(argv, commands);
  const operands = argv.slice(end + 1);
  const dashed = operands.find((word) => word.startsWith('-'));
  if (dashed !== undefined) {
    throw usageError(
      `'${printable(dashed)}' begins with a dash`,
      'write a file as ./NAME; host names do not begin with a dash',
    );
  }
  return [...options.slice(0, commandAt + 1), ...operands, ...options.slice(commandAt + 1)];
}
