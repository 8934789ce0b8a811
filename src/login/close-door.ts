import { takeKnockLock } from '../coordination/knock-lock.ts';
import type { LockPaths } from '../coordination/lock-paths.ts';
import { WaitingLogin } from '../coordination/waiting-logins.ts';
import { Knocker } from '../network/knocker.ts';
import type { Target } from '../network/resolve.ts';
import { planOnce } from '../plan/attempt.ts';
import { stepsToClose } from '../plan/reset-knocks.ts';
import type { Step } from '../plan/sequence.ts';
import { nowMs, sleep } from '../util/clock.ts';

/** Everything needed to close a door; it may travel to another process as JSON. */
export interface Closing extends LockPaths {
  readonly target: Target;
  readonly steps: readonly Step[];
  readonly delayMs?: number;
  /** How often the close sequence is sent: each opening may have left a rule, each closing removes one. */
  readonly times: number;
}

/** knockd starts a shell and iptables for each door; one opened last must have its rule before it is removed. */
const OPENING_SETTLES_MS = 200;
const LOOK_EVERY_MS = 50;
/** When others still wait for it after this time, in milliseconds, or keep opening doors, it is closed all the same. */
const LONGEST_WAIT_MS = 10_000;
const LONGEST_TURN_WAIT_MS = 5000;

/**
 * Closes a door behind the last login that waits for it, in our turn, so never during another's knocks. Best
 * effort: no answer ever comes, and what cannot be sent is let be.
 */
export async function closeDoor(closing: Closing, longestWaitMs = LONGEST_WAIT_MS): Promise<void> {
  const { runtimeFolder, lockFile: turnFile, doorName } = closing;
  const presence = new WaitingLogin(runtimeFolder, doorName);
  const endMs = nowMs() + longestWaitMs;
  await sleep(OPENING_SETTLES_MS);
  for (;;) {
    if (nowMs() < endMs && (await presence.anyone())) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const taken = await takeKnockLock({ file: turnFile, waitMs: LONGEST_TURN_WAIT_MS });
    if (taken.kind === 'opened' && nowMs() < endMs) continue;
    try {
      return await send(closing);
    } catch {
      return;
    } finally {
      if (taken.kind !== 'opened') taken.lock.release();
    }
  }
}

/** Sends the close sequence `times` times. */
export async function send({ target, steps, delayMs, times }: Closing): Promise<void> {
  const knocker = new Knocker(target);
  const sequence = { steps: stepsToClose(steps), ...(delayMs !== undefined && { delayMs }) };
  const knocks = planOnce(sequence, Math.random);
  try {
    for (let time = 0; time < times; time++) {
      await knocker.sendAll(knocks);
      await sleep(OPENING_SETTLES_MS);
    }
  } finally {
    knocker.close();
  }
}
