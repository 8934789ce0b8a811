import { usageError } from '../../util/errors.ts';
import { parsePort } from '../../util/text.ts';

/** A destination, or what options say of it. */
interface TypedDestination {
  readonly host: string;
  readonly user?: string;
  readonly port?: string;
}

/**
 * Reads `HOST`, `USER@HOST`, `HOST:PORT`, `[ADDRESS]:PORT` and `ssh://USER@HOST:PORT`. An IPv6 address without brackets has
 * no port.
 *
 * @param typed with the user and the port of options, which must not differ.
 * @throws KnockproxyError (exit status 2), which does not quote what follows the colon: it may be a sequence.
 */
export function splitTypedHost(typed: TypedDestination): TypedDestination {
  const found = split(typed.host);
  for (const [name, one, other] of [
    ['user', found.user, typed.user],
    ['port', found.port, typed.port],
  ]) {
    if (one !== undefined && other !== undefined && one !== other)
      throw usageError(`two different ${name}s are given`, TYPE_HOST);
  }
  return found;
}

function split(text: string): TypedDestination {
  const rest = withoutScheme(text);
  const at = rest.lastIndexOf('@');
  const place = rest.slice(at + 1);
  const [, bracketed, end = ''] = /^\[([^\]]*)\](.*)$/.exec(place) ?? [];
  const colon = bracketed === undefined ? onlyColon(place) : -1;
  const host = bracketed ?? (colon < 0 ? place : place.slice(0, colon));
  const after = bracketed === undefined ? (colon < 0 ? '' : place.slice(colon)) : end;
  const port = after === '' ? undefined : parsePort(after.slice(1));
  if (after !== '' && (port === undefined || !after.startsWith(':'))) {
    throw usageError('what follows the host is not a port (not shown: it may be a sequence)', TYPE_HOST);
  }
  return {
    host,
    ...(at >= 0 && { user: rest.slice(0, at) }),
    ...(port !== undefined && { port: String(port) }),
  };
}

export const TYPE_HOST = 'pass [USER@]HOST[:PORT]; the sequence is read from stdin, or asked for';

function withoutScheme(text: string): string {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/i.exec(text) ?? [];
  if (scheme === undefined) return text;
  if (scheme.toLowerCase() !== 'ssh') throw usageError('the only supported URL scheme is ssh://', TYPE_HOST);
  return rest.replace(/\/$/, '');
}

function onlyColon(text: string): number {
  const at = text.indexOf(':');
  return at === text.lastIndexOf(':') ? at : -1;
}
