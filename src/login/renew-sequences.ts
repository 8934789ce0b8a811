import type { Sequence } from '../plan/sequence.ts';
import type { Clock } from '../util/clock.ts';
import { sequenceOf } from './door-sequence.ts';
import { realEnvironment } from './environment.ts';
import type { LoginRequest } from './login-request.ts';
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

/** The part of a login that it needs. */
type Renewable = Pick<LoginRequest, 'door' | 'report' | 'obtain' | 'environment'>;

/** How a login obtains its sequences anew. @param obtainedAt when it did before, in ms since the epoch. */
export function renewalOf(request: Renewable, obtainedAt: number): NonNullable<OpenRequest['renew']> {
  const { door, report, environment = realEnvironment } = request;
  return renewSequences({
    lifetimeMs: door.sequenceLifetimeMs!,
    obtainedAt,
    clock: environment.clock,
    async obtain(signal) {
      const { candidates } = await request.obtain({ signal });
      return candidates.map((steps) => sequenceOf(door, steps));
    },
    failed: () => report.debug('the sequence could not be obtained anew'),
  });
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
