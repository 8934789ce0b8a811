import type { Door } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { type KnockLock, MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { lockPaths } from '../coordination/lock-paths.ts';
import { Knocker } from '../network/knocker.ts';
import type { Patience } from '../network/look-up.ts';
import type { Target } from '../network/resolve.ts';
import { openingMs, planOnce } from '../plan/attempt.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { nowMs, sleep } from '../util/clock.ts';
import { sequenceOf, withHistory } from './behind-door.ts';

/** How long a door of which nothing is known may take to open, in milliseconds. */
const UNKNOWN_OPENING_MS = 300;

export interface OnceRequest extends Patience {
  readonly door: Door;
  readonly obtain: (patience: Patience) => Promise<Obtained>;
  readonly targets: readonly Target[];
  readonly state?: HistoryStore;
}

/**
 * Knocks once, in turn with the other processes of this user, and waits as long as this door usually takes to
 * open. Whether it has opened is not looked at.
 *
 * @throws KnockproxyError when this machine refuses to send.
 */
export async function knockOnce(request: OnceRequest): Promise<void> {
  const { door, obtain, targets, state = new HistoryStore() } = request;
  const { memory, ...target } = withHistory(targets, state)[0]!;
  const { lockFile: turnFile, doorName } = lockPaths(target, state);
  const turn = await takeTurnFor(doorName, turnFile);
  if (turn === undefined) return;
  const knocker = new Knocker(target);
  let obtained: Obtained | undefined;
  let opened: string | undefined;
  try {
    if (door.source.kind === 'command') turn.setAsking(true);
    obtained = await obtain(request);
    turn.setAsking(false);
    const sequence = sequenceOf(door, obtained.candidates[0]!);
    await knocker.sendAll(planOnce(sequence, Math.random, memory));
    await sleep(openingMs(memory) ?? UNKNOWN_OPENING_MS);
    opened = doorName;
  } finally {
    knocker.close();
    obtained?.release?.();
    turn.release(opened);
  }
}

/** The turn to knock on this door; undefined where another process has opened it while we waited. */
async function takeTurnFor(doorName: string, file: string): Promise<KnockLock | undefined> {
  let endMs = nowMs() + MAX_LOCK_WAIT_MS;
  const stoodStill = (ms: number) => {
    endMs += ms;
  };
  for (;;) {
    const taken = await takeKnockLock({ file, waitMs: endMs - nowMs(), onPaused: stoodStill });
    if (taken.kind === 'opened' && taken.door === doorName) return undefined;
    // Another door of this machine was opened: ours is still to be knocked on.
    if (taken.kind !== 'opened') return taken.lock;
  }
}
