import net from 'node:net';
import { checkHost } from '../util/names.ts';
import { type Address, lookUp, type WaitLimit } from './look-up.ts';
import { sourceAddress } from './source-address.ts';

/** Where to knock and connect: literal addresses, so that both go to the same machine. */
export interface Target {
  readonly address: string;
  readonly family: 4 | 6;
  /** 1-65535 */
  readonly port: number;
  /** The source address of both; undefined: chosen by the kernel. */
  readonly localAddress?: string;
  /** Another machine to knock on (KnockHost). */
  readonly knockAddress?: string;
}

/** What to resolve, and how long to wait. */
interface TargetQuery extends WaitLimit {
  readonly host: string;
  readonly port: number;
  /** 0: either. */
  readonly family: 0 | 4 | 6;
  /** An address of this machine, or a name of one. */
  readonly bindAddress?: string;
  /** An interface of this machine, whose address counts where bindAddress is not set. */
  readonly bindInterface?: string;
  /** Another machine to knock on, by name or address. */
  readonly knockHost?: string;
}

/**
 * Resolves the addresses to knock on and connect to, in the order of getaddrinfo (RFC 6724). Fixes the source address
 * where the kernel might choose different ones for the knocks and the connect (several IPv6 addresses, KnockHost).
 *
 * @throws KnockproxyError if there is none or the deadline has passed; the signal's reason when it aborts.
 */
export async function resolveTargets(query: TargetQuery): Promise<Target[]> {
  const { host, port, family, bindAddress, bindInterface, knockHost } = query;
  const [remote, local, knocked] = await Promise.all([
    resolve(host, family, query),
    bindAddress === undefined ? addressesOf(bindInterface) : resolve(bindAddress, family, query),
    knockHost === undefined ? undefined : resolve(knockHost, family, query),
  ]);
  const sameFamily = (list: Address[] | undefined, { family }: Address) =>
    list?.find((candidate) => candidate.family === family)?.address;
  const usable = remote.filter(
    (address) =>
      (local === undefined || sameFamily(local, address)) &&
      (knocked === undefined || sameFamily(knocked, address)),
  );
  if (usable.length === 0)
    throw (await lookupErrors()).noCommonFamily(host, bindAddress ?? bindInterface ?? knockHost!);
  return Promise.all(
    usable.map(async (remote) => {
      const knockAddress = sameFamily(knocked, remote);
      const mayDiffer = remote.family === 6 || knockAddress !== undefined;
      const localAddress =
        sameFamily(local, remote) ??
        (mayDiffer ? await sourceAddress(remote.address, remote.family) : undefined);
      return {
        ...remote,
        port,
        ...(localAddress !== undefined && { localAddress }),
        ...(knockAddress !== undefined && { knockAddress }),
      };
    }),
  );
}

/** Loaded on demand: most names have an address. */
const lookupErrors = () => import('./lookup-errors.ts');

/** Loaded on demand: few logins bind an interface. */
async function addressesOf(bindInterface: string | undefined): Promise<Address[] | undefined> {
  if (bindInterface === undefined) return undefined;
  return (await import('./interface-addresses.ts')).interfaceAddresses(bindInterface);
}

/**
 * Resolves a name once, in the order of getaddrinfo (RFC 6724).
 *
 * @param family 0: either.
 * @throws KnockproxyError if the name is invalid, does not resolve in time, or has no address of the family.
 */
async function resolve(host: string, family: 0 | 4 | 6, wait: WaitLimit): Promise<Address[]> {
  checkHost(host);
  const literal = net.isIP(host) as 0 | 4 | 6;
  if (literal !== 0) {
    if (family !== 0 && family !== literal) throw (await lookupErrors()).wrongFamily(host, family);
    return [{ address: host, family: literal }];
  }
  const addresses = await lookUp(host, family, wait);
  wait.signal?.throwIfAborted();
  if (typeof addresses === 'string') throw (await lookupErrors()).notResolved(host, family, addresses);
  return addresses;
}
