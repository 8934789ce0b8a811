import type { KnockproxyError } from '../util/errors.ts';
import type { AddressAttempts } from './address-attempts.ts';
import type { StayedShut } from './open-request.ts';

interface Spent {
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly usedUp: string | undefined;
  readonly refusal: KnockproxyError | undefined;
}

/** What became of a login whose door stayed shut at all addresses. */
export function stayedShutAt(addresses: readonly AddressAttempts[], spent: Spent): StayedShut {
  return {
    kind: 'shut',
    addresses: addresses.map(({ target, connector: { lastAnswer } }) => ({ target, lastAnswer })),
    attempts: spent.attempts,
    seconds: spent.elapsedMs / 1000,
    isLone: addresses.every(({ isLone }) => isLone),
    usedUp: spent.usedUp,
    refusal: spent.refusal,
    isRefused: addresses.every(({ isRefused }) => isRefused),
    isLimited: addresses.some(({ isLimited }) => isLimited),
  };
}
