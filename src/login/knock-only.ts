import type { Door } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { type KnockLock, MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { lockPaths } from '../coordination/lock-paths.ts';
import { Knocker } from '../network/knocker.ts';
import type { WaitLimit } from '../network/look-up.ts';
import type { Target } from '../network/resolve.ts';
import type { Knock } from '../plan/attempt.ts';
import { openingMs, planOnce } from '../plan/plan-once.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { nowMs, sleep } from '../util/clock.ts';
import { sequenceOf, withHistory } from './door-sequence.ts';

/** A pause keeps the packets in order: there is no retry. In milliseconds. */
export const DEFAULT_DELAY_MS = 10;
/** How long to wait for the answers to the last TCP knocks. */
const ANSWER_WAIT_MS = 300;
/** How long to wait for a door without history. */
const UNKNOWN_OPENING_MS = 300;

/** Plans a sequence that is sent once, like knock(1). */
export function planPlainly(sequence: Sequence): readonly Knock[] {
  return planOnce({ delayMs: DEFAULT_DELAY_MS, ...sequence }, Math.random);
}

/**
 * Sends knocks at their times, without connecting.
 *
 * @throws KnockproxyError if this machine refuses to send; the signal's reason when it aborts.
 */
export function knockPlainly(knocks: readonly Knock[], target: Target, signal?: AbortSignal): Promise<void> {
  return knock(knocks, target, (knocker) => knocker.answered(ANSWER_WAIT_MS, signal), signal);
}

export interface KnockRequest extends WaitLimit {
  readonly door: Door;
  readonly obtain: (wait: WaitLimit) => Promise<Obtained>;
  readonly targets: readonly Target[];
  readonly state?: HistoryStore;
}

/**
 * Knocks once under the lock, at the target that opened last, and waits as long as this door usually takes to open. Does not check whether it has opened.
 *
 * @throws KnockproxyError if this machine refuses to send.
 */
export async function knockOnce(request: KnockRequest): Promise<void> {
  const { door, obtain, targets, state = new HistoryStore() } = request;
  const { history, ...target } = withHistory(targets, state)[0]!;
  const { lockFile, doorName } = lockPaths(target, state);
  const lock = await takeLockFor(doorName, lockFile);
  if (lock === undefined) return;
  let obtained: Obtained | undefined;
  let opened: string | undefined;
  try {
    if (door.source.kind === 'command') lock.setAsking(true);
    obtained = await obtain(request);
    lock.setAsking(false);
    const sequence = sequenceOf(door, obtained.candidates[0]!);
    const wait = () => sleep(openingMs(history) ?? UNKNOWN_OPENING_MS);
    await knock(planOnce(sequence, Math.random, history), target, wait);
    opened = doorName;
  } finally {
    obtained?.release?.();
    lock.release(opened);
  }
}

/** @param wait keeps the sockets of TCP knocks until the door has them. */
async function knock(
  knocks: readonly Knock[],
  target: Target,
  wait: (knocker: Knocker) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const knocker = new Knocker(target);
  try {
    await knocker.sendAll(knocks, signal);
    await wait(knocker);
  } finally {
    knocker.close();
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
