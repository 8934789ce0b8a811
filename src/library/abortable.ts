import { toKnockproxyError } from '../util/log.ts';

/**
 * Runs `work`. When the signal aborts, rejects with its reason at once, and passes a late result to `discard`.
 *
 * @throws KnockproxyError for any other error: the text of a Node error may contain a port.
 */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  discard: (late: T) => void = () => {},
): Promise<T> {
  signal?.throwIfAborted();
  const running = work();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => {
      reject(signal!.reason);
      running.then(discard, () => {});
    };
    const end = (finish: () => void) => {
      signal?.removeEventListener('abort', onAbort);
      if (!signal?.aborted) finish();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    running.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(toKnockproxyError(error))),
    );
  });
}
