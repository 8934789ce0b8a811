import { takeKnockLock } from '../../../src/coordination/knock-lock.ts';

/** Another process that takes each turn and says that it has opened a door, until it is stopped. */
export function keepOpening(file: string, door: string): () => Promise<void> {
  let stopped = false;
  const work = (async () => {
    while (!stopped) {
      const taken = await takeKnockLock({ file, waitMs: 10_000 });
      if (taken.kind === 'opened') continue;
      await waitFor(() => taken.lock.hasWaiters || stopped);
      taken.lock.release(door);
    }
  })();
  return () => {
    stopped = true;
    return work;
  };
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
