import { nowMs } from '../util/clock.ts';

/** How long something is waited for. */
export interface Patience {
  /** When to give up, on the clock of nowMs(); undefined: no deadline. */
  readonly deadlineMs?: number | undefined;
  /** Ends the wait at once. */
  readonly signal?: AbortSignal | undefined;
}

/** An address as getaddrinfo(3) gives it. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Asks getaddrinfo(3) for the addresses of a name. When the deadline or the signal ends the wait, its thread goes on:
 * see exitNow() for the end of the process.
 *
 * @param family 0: either.
 * @returns the addresses, or the code of the error: ETIMEDOUT after the deadline.
 */
export async function lookUp(
  host: string,
  family: 0 | 4 | 6,
  { deadlineMs, signal }: Patience,
): Promise<Address[] | string> {
  const dns = await import('node:dns');
  return new Promise((resolve) => {
    const end = (found: Address[] | string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      resolve(found);
    };
    const giveUp = () => end('ETIMEDOUT');
    const timer =
      deadlineMs === undefined ? undefined : setTimeout(giveUp, Math.max(1, deadlineMs - nowMs()));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) return giveUp();
    dns.lookup(host, { all: true, verbatim: true, family }, (error, found) =>
      end(error ? (error.code ?? 'unknown') : (found as Address[])),
    );
  });
}
