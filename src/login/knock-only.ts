import { Knocker } from '../network/knocker.ts';
import type { Target } from '../network/resolve.ts';
import { type Knock, planOnce } from '../plan/attempt.ts';
import type { Sequence } from '../plan/sequence.ts';

/** A sequence that is sent once only keeps its order better with a pause; in milliseconds. */
const DEFAULT_DELAY_MS = 10;
/** How long the last TCP knocks may wait for an answer, in milliseconds. */
const ANSWER_WAIT_MS = 300;

/** The knocks of a sequence that is sent once, and when, like knock(1). */
export function planPlainly(sequence: Sequence): readonly Knock[] {
  return planOnce({ delayMs: DEFAULT_DELAY_MS, ...sequence }, Math.random);
}

/**
 * Knocks and does nothing else.
 *
 * @throws KnockproxyError when this machine refuses to send; the signal's reason when it aborts.
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
