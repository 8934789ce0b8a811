import { type KnockproxyError, usageError } from '../errors.ts';
import { printable } from '../report.ts';

/** Says what is wrong with a command line that is neither a command nor the form that ssh runs. */
export function explainProxyForm(argv: readonly string[]): KnockproxyError {
  const operands = argv.filter((arg) => !arg.startsWith('-'));
  const [host, port] = operands;
  return usageError(explain(operands.length, host, port), "see 'knockproxy --help'");
}

function explain(count: number, host: string | undefined, port: string | undefined): string {
  if (host === undefined) return 'missing operands: HOST PORT';
  if (port === undefined) return `missing operand: PORT, after HOST '${printable(host)}'`;
  if (count > 4) return 'too many operands: HOST PORT [ALIAS [USER]] are at most four';
  return `'${printable(port)}' is not a port from 1 to 65535`;
}
