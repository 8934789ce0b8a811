import type { Memory } from '../door/memory.ts';
import { planTry } from '../door/schedule.ts';
import type { Sequence } from '../door/sequence.ts';
import type { Again } from '../secret/obtain.ts';
import { sleep } from '../sleep.ts';
import type { Budget } from './budget.ts';
import { Knocker } from './knock.ts';
import { mostKnocks } from './lane.ts';
import type { Target } from './target.ts';

/** knockd reads packets in batches of 50 ms, and gets the next sequence from its file behind an opening. */
const GAP_MS = 60;

export interface SendAgain {
  readonly target: Target & { readonly memory: Memory };
  readonly again: readonly Again[];
  /** How to send the steps of one. */
  readonly sequenceOf: (steps: Again['steps']) => Sequence;
  readonly budget: Budget;
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
      const sequence = sequenceOf(steps);
      if (budget.takeMore(1, mostKnocks([sequence])) === 0) return;
      const { memory } = target;
      // With the first preamble: the last try may have left an unfinished run.
      const { knocks } = planTry({ sequence, memory, failed: [], number: 2, random: Math.random });
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
