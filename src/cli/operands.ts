import { usageError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { proxyFormError } from './usage-errors.ts';

/**
 * Moves the operands behind `--` to the command, where yargs takes them for its positionals.
 *
 * @throws KnockproxyError for one that yargs would then take for an option, and where no command stands before `--`.
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
    throw usageError(`'${printable(dashed)}' begins with a dash`, 'a file: ./NAME; no host is called so');
  }
  return [...options.slice(0, commandAt + 1), ...operands, ...options.slice(commandAt + 1)];
}
