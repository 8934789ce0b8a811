import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';

/** A name that gives no address: an error of DNS, or of /etc/hosts. @param code of getaddrinfo(3), or ETIMEDOUT. */
export function notResolved(host: string, family: 0 | 4 | 6, code: string): KnockproxyError {
  const name = printable(host);
  if (code === 'EAI_AGAIN' || code === 'ETIMEDOUT') {
    return new KnockproxyError(`could not resolve ${name}: the name server did not answer (${code})`, {
      hints: ['check the network connection and the resolver, then try again'],
    });
  }
  const kind = family === 0 ? 'address' : `IPv${family} address`;
  return new KnockproxyError(`could not resolve ${name}: no ${kind} is known for this name (${code})`, {
    hints: ['check the spelling, or HostName in the ssh configuration'],
  });
}

export function noCommonFamily(host: string, other: string): KnockproxyError {
  return new KnockproxyError(`${printable(host)} and ${printable(other)} have no address family in common`, {
    hints: ['BindAddress and KnockHost need an address of the family (IPv4, IPv6) that the target has'],
  });
}

export function wrongFamily(host: string, family: 4 | 6): KnockproxyError {
  return new KnockproxyError(`${host} is not an IPv${family} address`, {
    hints: [`-${family} or AddressFamily requires IPv${family}`],
  });
}
