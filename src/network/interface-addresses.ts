import os from 'node:os';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import type { Address } from './look-up.ts';

/**
 * The addresses of a network interface, loopback and link-local ones last, as ssh prefers them (sshconnect.c,
 * check_ifaddrs).
 *
 * @throws KnockproxyError if there is no such interface, or it has no address.
 */
export function interfaceAddresses(name: string, interfaces = os.networkInterfaces()): Address[] {
  const found = (interfaces[name] ?? []).map(
    ({ address, family }): Address => ({ address, family: family === 'IPv6' ? 6 : 4 }),
  );
  if (found.length === 0) {
    throw new KnockproxyError(`BindInterface: no interface ${printable(name)} with an address is up`, {
      hints: ["'ip -brief address' lists the interfaces of this machine"],
    });
  }
  const isLocal = ({ address }: Address) => /^(127\.0\.0\.1$|::1$|fe[89ab])/i.test(address);
  return [
    ...found.filter((address) => !isLocal(address)),
    ...found
      .filter(isLocal)
      .map((each) => (/^fe/i.test(each.address) ? { ...each, address: `${each.address}%${name}` } : each)),
  ];
}

/** The interface that has an address. */
export function interfaceOf(address: string, interfaces = os.networkInterfaces()): string | undefined {
  return Object.keys(interfaces).find((name) => interfaces[name]!.some((each) => each.address === address));
}
