import { Knocker } from '../network/knocker.ts';
import type { Target } from '../network/resolve.ts';
import { planAttempt } from '../plan/attempt.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Again } from '../secrets/obtained-sequences.ts';
import { sleep } from '../util/clock.ts';
import { mostKnocks } from './address-attempts.ts';
import type { AttemptBudget } from './attempt-limits.ts';

/** knockd reads packets in batches of 50 ms, and gets the next sequence from its file behind an opening. */
const GAP_MS = 60;
/** Nobody waits for these, and each is sent once only: with a pause it keeps its order better. In milliseconds. */
const DELAY_MS = 10;

export interface SendAgain {
  readonly target: Target & { readonly memory: History };
  readonly again: readonly Again[];
  /** How to send the steps of one. */
  readonly sequenceOf: (steps: Again['steps']) => Sequence;
  readonly budget: AttemptBudget;
  /** A whole sequence was sent: it opens the door once more. */
  readonly sent?: () => void;
}

/**
 * Uses sequences up that were sent ahead of their turn, each in its turn, as far as the budget goes. Best effort: what
 * cannot be sent stays marked as given, and the next login looks past it.
 */
export async function sendAgain({ target, again, sequenceOf, budget, sent }: SendAgain): Promise<void> {
  const knocker = new Knocker(target);
  try {
    for (const { steps, sent: markSent } of again) {
      const sequence = { delayMs: DELAY_MS, ...sequenceOf(steps) };
      if (budget.takeMore(1, mostKnocks([sequence])) === 0) return;
      const { memory } = target;
      // With the first preamble: the last try may have left an unfinished run.
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
