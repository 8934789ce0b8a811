import { Knocker } from '../network/knocker.ts';
import type { Target } from '../network/resolve.ts';
import { planAttempt } from '../plan/attempt.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Again } from '../secrets/obtained-sequences.ts';
import { sleep } from '../util/clock.ts';
import { mostKnocks } from './address-attempts.ts';
import type { AttemptBudget } from './attempt-limits.ts';

/** knockd reads packets in batches of 50 ms, and reads the next sequence from its file after an opening. */
const GAP_MS = 60;
/** Nobody waits for these, and each is sent once only: with a pause it keeps its order better. In milliseconds. */
const DELAY_MS = 10;

export interface SendAgain {
  readonly target: Target & { readonly memory: History };
  readonly again: readonly Again[];
  /** How to send the steps of one. */
  readonly sequenceOf: (steps: Again['steps']) => Sequence;
  readonly budget: AttemptBudget;
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
      const { memory } = target;
      // With the first reset knocks: the last attempt may have left an unfinished run.
      const { knocks } = planAttempt({ sequence, memory, failed: [], number: 2, random: Math.random });
      await knocker.sendAll(knocks);
      markSent();
      sent?.();
      await sleep(GAP_MS);
    }
  } catch {
  } finally {
    knocker.close();
  }
}
