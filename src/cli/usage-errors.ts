import { type KnockproxyError, usageError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { nearest } from '../util/nearest.ts';
import { notAPort } from './shared/port.ts';

/**
 * The error for a command line that is neither a command nor the form that ssh runs.
 *
 * @param commands their names, for a misspelt one.
 */
export function proxyFormError(argv: readonly string[], commands: Iterable<string>): KnockproxyError {
  const operands = argv.filter((arg) => !arg.startsWith('-'));
  const [host, port] = operands;
  const meant = host === undefined ? undefined : nearest(host, commands);
  const hints = [
    ...(meant === undefined ? [] : [`did you mean 'knockproxy ${meant}'?`]),
    "see 'knockproxy --help'",
  ];
  if (host !== undefined && port !== undefined && operands.length <= 4) return notAPort(port, ...hints);
  return usageError(explain(host, port), ...hints);
}

/** The error for `help` with a word that is no command. A number is not shown: it may be a port of a sequence. */
export function noHelpFor(word: string, commands: Iterable<string>): KnockproxyError {
  const meant = nearest(word, commands);
  return usageError(
    /\d/.test(word) ? 'no such command' : `no command '${printable(word)}'`,
    ...(meant === undefined ? [] : [`did you mean 'knockproxy help ${meant}'?`]),
    "see 'knockproxy --help'",
  );
}

function explain(host: string | undefined, port: string | undefined): string {
  if (host === undefined) return 'missing operands: HOST PORT';
  if (port === undefined) return `missing operand: PORT, after HOST '${printable(host)}'`;
  return 'too many operands: at most HOST PORT ALIAS USER';
}
