import type { Door } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { type KnockLock, MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { lockPaths } from '../coordination/lock-paths.ts';
import { Knocker } from '../network/knocker.ts';
import type { WaitLimit } from '../network/look-up.ts';
import type { Target } from '../network/resolve.ts';
import { openingMs, planOnce } from '../plan/plan-once.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { nowMs, sleep } from '../util/clock.ts';
import { sequenceOf, withHistory } from './door-sequence.ts';

/** How long to wait for a door without history. */
const UNKNOWN_OPENING_MS = 300;

interface KnockRequest extends WaitLimit {
  readonly door: Door;
  readonly obtain: (wait: WaitLimit) => Promise<Obtained>;
  readonly targets: readonly Target[];
  readonly state?: HistoryStore;
}

/**
 * Knocks once under the lock, and waits as long as this door usually takes to open. Does not check whether it has opened.
 *
 * @throws KnockproxyError if this machine refuses to send.
 */
export async function knockOnce(request: KnockRequest): Promise<void> {
  const { door, obtain, targets, state = new HistoryStore() } = request;
  const { history, ...target } = withHistory(targets, state)[0]!;
  const { lockFile, doorName } = lockPaths(target, state);
  const lock = await takeLockFor(doorName, lockFile);
  if (lock === undefined) return;
  const knocker = new Knocker(target);
  let obtained: Obtained | undefined;
  let opened: string | undefined;
  try {
    if (door.source.kind === 'command') lock.setAsking(true);
    obtained = await obtain(request);
    lock.setAsking(false);
    const sequence = sequenceOf(door, obtained.candidates[0]!);
    await knocker.sendAll(planOnce(sequence, Math.random, history));
    await sleep(openingMs(history) ?? UNKNOWN_OPENING_MS);
    opened = doorName;
  } finally {
    knocker.close();
    obtained?.release?.();
    lock.release(opened);
  }
}

/** @returns undefined if another process opened this door during the wait. */
async function takeLockFor(doorName: string, file: string): Promise<KnockLock | undefined> {
  let endMs = nowMs() + MAX_LOCK_WAIT_MS;
  const onPaused = (ms: number) => {
    endMs += ms;
  };
  for (;;) {
    const taken = await takeKnockLock({ file, waitMs: endMs - nowMs(), onPaused });
    if (taken.kind === 'opened' && taken.door === doorName) return undefined;
    // If another door of this server was opened, wait again.
    if (taken.kind !== 'opened') return taken.lock;
  }
}
