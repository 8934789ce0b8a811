import { type KnockproxyError, usageError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { notAPort } from './shared/port.ts';

/** Says what is wrong with a command line that is neither a command nor the form that ssh runs. */
export function proxyFormError(argv: readonly string[]): KnockproxyError {
  const operands = argv.filter((arg) => !arg.startsWith('-'));
  const [host, port] = operands;
  const hint = "see 'knockproxy --help'";
  if (host !== undefined && port !== undefined && operands.length <= 4) return notAPort(port, hint);
  return usageError(explain(host, port), hint);
}

function explain(host: string | undefined, port: string | undefined): string {
  if (host === undefined) return 'missing operands: HOST PORT';
  if (port === undefined) return `missing operand: PORT, after HOST '${printable(host)}'`;
  return 'too many operands: HOST PORT [ALIAS [USER]] are at most four';
}
