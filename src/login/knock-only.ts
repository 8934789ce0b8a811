import { Knocker } from '../network/knocker.ts';
import type { Target } from '../network/resolve.ts';
import type { Knock } from '../plan/attempt.ts';
import { planOnce } from '../plan/plan-once.ts';
import type { Sequence } from '../plan/sequence.ts';

/** A pause keeps the packets in order: there is no retry. */
const DEFAULT_DELAY_MS = 10;
/** How long to wait for the answers to the last TCP knocks. */
const ANSWER_WAIT_MS = 300;

/** Plans a sequence that is sent once, like knock(1). */
export function planPlainly(sequence: Sequence): readonly Knock[] {
  return planOnce({ delayMs: DEFAULT_DELAY_MS, ...sequence }, Math.random);
}

/**
 * Sends knocks at their times, without connecting.
 *
 * @throws KnockproxyError if this machine refuses to send; the signal's reason when it aborts.
 */
export async function knockPlainly(
  knocks: readonly Knock[],
  target: Target,
  signal?: AbortSignal,
): Promise<void> {
  const knocker = new Knocker(target);
  try {
    await knocker.sendAll(knocks, signal);
    await knocker.answered(ANSWER_WAIT_MS, signal);
  } finally {
    knocker.close();
  }
}
