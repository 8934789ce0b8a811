import { type KnockproxyError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { parsePort } from '../../util/text.ts';

/** The port of an operand, 1-65535. @throws KnockproxyError (exit status 2) */
export function readPort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw notAPort(text);
  return port;
}

/** Several numbers, or a number with a protocol, may be a misplaced sequence: they are not shown. */
export function notAPort(text: string, ...hints: string[]): KnockproxyError {
  const isShown = /^(\d*|\D*)$/.test(text);
  const what = isShown ? `'${printable(text)}'` : 'the second operand';
  return usageError(`${what} is not a port from 1 to 65535`, ...hints);
}
