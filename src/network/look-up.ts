import { nowMs } from '../util/clock.ts';

/** How long to wait. */
export interface WaitLimit {
  /** When to give up, on the clock of nowMs(); undefined: no deadline. */
  readonly deadlineMs?: number | undefined;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** An address as getaddrinfo(3) gives it. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Looks up the addresses of a name with getaddrinfo(3). Its thread goes on after a deadline or an abort: see exitNow().
 *
 * @param family 0: either.
 * @returns the addresses, or an error code: ETIMEDOUT after the deadline.
 */
export async function lookUp(
  host: string,
  family: 0 | 4 | 6,
  { deadlineMs, signal }: WaitLimit,
): Promise<Address[] | string> {
  const dns = await import('node:dns');
  return new Promise((resolve) => {
    const end = (result: Address[] | string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = () => end('ETIMEDOUT');
    const timer =
      deadlineMs === undefined ? undefined : setTimeout(giveUp, Math.max(1, deadlineMs - nowMs()));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) return giveUp();
    dns.lookup(host, { all: true, verbatim: true, family }, (error, addresses) =>
      end(error ? (error.code ?? 'unknown') : (addresses as Address[])),
    );
  });
}
