import type { Sequence } from '../plan/sequence.ts';
import type { Clock } from '../util/clock.ts';
import type { OpenRequest } from './open-request.ts';

interface Renewal {
  /** The sequences change at multiples of this since 1970, in milliseconds: as TOTP does (RFC 6238). */
  readonly lifetimeMs: number;
  /** When they were obtained, in ms since the epoch. */
  readonly obtainedAt: number;
  readonly clock: Clock;
  /** Obtains them anew, at least one. */
  obtain(signal: AbortSignal): Promise<readonly Sequence[]>;
  /** Called when that fails: the login goes on with those that it has. */
  failed(): void;
}

/**
 * Obtains the sequences of a program or a file anew when they may have changed. Aligned with the clock, so that the list
 * begins with the current sequence and has the previous and the next one around it, however the login falls.
 */
export function renewSequences(renewal: Renewal): NonNullable<OpenRequest['renew']> {
  const { lifetimeMs, clock } = renewal;
  const period = (at: number) => Math.floor(at / lifetimeMs);
  let { obtainedAt } = renewal;
  return async (ended) => {
    const nowAt = clock.dateMs();
    if (period(nowAt) === period(obtainedAt)) return undefined;
    obtainedAt = nowAt;
    const aborter = new AbortController();
    const sequences = renewal.obtain(aborter.signal).catch(() => {
      renewal.failed();
      return undefined;
    });
    const first = await Promise.race([sequences, ended.then(() => undefined)]);
    aborter.abort();
    return first;
  };
}
