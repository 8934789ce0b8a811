import { takeKnockLock } from '../coordination/knock-lock.ts';
import type { LockPaths } from '../coordination/lock-paths.ts';
import { WaitingLogin } from '../coordination/waiting-logins.ts';
import { Knocker } from '../network/knocker.ts';
import type { Target } from '../network/resolve.ts';
import { planOnce } from '../plan/plan-once.ts';
import { stepsToClose } from '../plan/reset-knocks.ts';
import type { Step } from '../plan/sequence.ts';
import { nowMs, sleep } from '../util/clock.ts';

/** Everything needed to close a door; may be passed to another process as JSON. */
export interface Closing extends LockPaths {
  readonly target: Target;
  readonly steps: readonly Step[];
  readonly delayMs?: number;
  /** How often to send the close sequence: each opening may have left a rule, each closing removes one. */
  readonly times: number;
}

/** knockd starts a shell and iptables for each opening; the rule must exist before it is removed. */
export const RULE_WAIT_MS = 200;
const POLL_MS = 50;
/** Close anyway if other logins are still waiting, or keep opening doors, after this long. */
const MAX_WAIT_MS = 10_000;
const MAX_CLOSE_LOCK_WAIT_MS = 5000;

/**
 * Closes a door when no login waits for it any more. Takes the lock, so as not to disturb another login's knocks. Best
 * effort: there is no answer, and errors are ignored.
 */
export async function closeDoor(closing: Closing, maxWaitMs = MAX_WAIT_MS): Promise<void> {
  const { runtimeFolder, lockFile, doorName } = closing;
  const waiting = new WaitingLogin(runtimeFolder, doorName);
  const endMs = nowMs() + maxWaitMs;
  await sleep(RULE_WAIT_MS);
  for (;;) {
    if (nowMs() < endMs && (await waiting.anyone())) {
      await sleep(POLL_MS);
      continue;
    }
    const taken = await takeKnockLock({ file: lockFile, waitMs: MAX_CLOSE_LOCK_WAIT_MS });
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
      await sleep(RULE_WAIT_MS);
    }
  } finally {
    knocker.close();
  }
}
