import { toKnockproxyError } from '../util/log.ts';

/**
 * Does work that may be broken off: when the signal aborts, rejects with its reason at once, and gives what the work
 * still yields to `discard`.
 *
 * @throws KnockproxyError for whatever else goes wrong: the text of an error of Node's may hold a port.
 */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  discard: (late: T) => void = () => {},
): Promise<T> {
  signal?.throwIfAborted();
  const working = work();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => {
      reject(signal!.reason);
      working.then(discard, () => {});
    };
    const end = (settle: () => void) => {
      signal?.removeEventListener('abort', onAbort);
      if (!signal?.aborted) settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    working.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(toKnockproxyError(error))),
    );
  });
}
