import { Knocker } from '../network/knocker.ts';
import { knocksAgain } from '../plan/knocking.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Again } from '../secrets/obtained-sequences.ts';
import { sleep } from '../util/clock.ts';
import type { KnownTarget } from './address-context.ts';
import { mostKnocks } from './candidate-order.ts';
import type { KnockBudget } from './knock-budget.ts';

/** knockd reads packets in batches of 50 ms, and reads the next sequence from its file after an opening. */
const GAP_MS = 60;
/** Nobody waits for these, and each is sent once only: with a pause it keeps its order better. In milliseconds. */
const DELAY_MS = 10;

export interface SendAgain {
  readonly target: KnownTarget;
  readonly again: readonly Again[];
  /** How to send the steps of one. */
  readonly sequenceOf: (steps: Again['steps']) => Sequence;
  readonly budget: KnockBudget;
  /** Called when a whole sequence was sent, which opens the door again. */
  readonly sent?: () => void;
}

/**
 * Sends one-time sequences again that were sent too early, in order, within the budget, so that the server uses them up.
 * Best effort: one that cannot be sent stays marked `given`, and the next login skips it.
 */
export async function sendAgain({ target, again, sequenceOf, budget, sent }: SendAgain): Promise<void> {
  const knocker = new Knocker(target);
  try {
    for (const { steps, sent: markSent } of again) {
      const sequence = { delayMs: DELAY_MS, ...sequenceOf(steps) };
      if (budget.takeMore(1, mostKnocks([sequence])) === 0) return;
      await knocker.sendAll(knocksAgain(sequence));
      markSent();
      sent?.();
      await sleep(GAP_MS);
    }
  } catch {
  } finally {
    knocker.close();
  }
}
