import type { Target } from '../network/resolve.ts';
import { sourceAddress } from '../network/source-address.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { KnockproxyError } from '../util/errors.ts';
import { type KnockRequest, knockOnce } from './knock-only.ts';

/** A name with more addresses than these is knocked on at the preferred ones. */
const MOST_ADDRESSES = 8;

/**
 * The targets that another program may use, one for each address to knock on: those that this machine has a route to, or
 * the preferred one where it has none.
 */
export async function eachAddress(targets: readonly Target[]): Promise<Target[]> {
  const knocked = ({ address, knockAddress = address }: Target) => knockAddress;
  const different = targets.filter(
    (target, at) => targets.findIndex((other) => knocked(other) === knocked(target)) === at,
  );
  const sources = await Promise.all(different.map((target) => sourceAddress(knocked(target), target.family)));
  const reachable = different.filter((_, at) => sources[at] !== undefined);
  return (reachable.length > 0 ? reachable : different.slice(0, 1)).slice(0, MOST_ADDRESSES);
}

/**
 * Like knockOnce(), at one target after the other: an address may open apart from the others (knockd opens the family
 * that it hears). The sequence is obtained once.
 *
 * @returns why this machine refused to send to some of them.
 * @throws KnockproxyError if it refuses for all.
 */
export async function knockEach(request: KnockRequest): Promise<readonly KnockproxyError[]> {
  let obtained: Obtained | undefined;
  const obtain: KnockRequest['obtain'] = async (wait) => {
    obtained ??= await request.obtain(wait);
    return { candidates: obtained.candidates };
  };
  // knockd loses an IPv4 sequence after the beginning of an IPv6 one, which a local firewall may cut short.
  const targets = [...request.targets].sort((a, b) => a.family - b.family);
  const refusals: KnockproxyError[] = [];
  try {
    for (const target of targets) {
      const refusal = await refusalOf(knockOnce({ ...request, targets: [target], obtain }));
      if (refusal !== undefined) refusals.push(refusal);
      if (obtained === undefined && refusal !== undefined) throw refusal;
    }
  } finally {
    obtained?.release?.();
  }
  if (refusals.length === request.targets.length) throw refusals[0];
  return refusals;
}

async function refusalOf(knocking: Promise<void>): Promise<KnockproxyError | undefined> {
  try {
    await knocking;
    return undefined;
  } catch (error) {
    if (error instanceof KnockproxyError) return error;
    throw error;
  }
}
