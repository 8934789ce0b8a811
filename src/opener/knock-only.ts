import { NOTHING_LEARNED } from '../door/memory.ts';
import { type Knock, planTry } from '../door/schedule.ts';
import type { Sequence } from '../door/sequence.ts';
import { Knocker } from './knock.ts';
import type { Target } from './target.ts';

/** A sequence that is sent once only keeps its order better with a pause; in milliseconds. */
const DEFAULT_DELAY_MS = 10;
/** How long the last TCP knocks may wait for an answer, in milliseconds. */
const SETTLE_MS = 300;

/** The knocks of a sequence that is sent once, and when, like knock(1). */
export function planPlainly(sequence: Sequence): readonly Knock[] {
  const { knocks } = planTry({
    sequence: { delayMs: DEFAULT_DELAY_MS, ...sequence },
    memory: NOTHING_LEARNED,
    failed: [],
    number: 1,
    random: Math.random,
  });
  return knocks;
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
    await knocker.settled(SETTLE_MS, signal);
  } finally {
    knocker.close();
  }
}
