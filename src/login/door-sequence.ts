import type { Door } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { Target } from '../network/resolve.ts';
import { stepsToClose } from '../plan/reset-knocks.ts';
import { type Sequence, SLOWEST_FWKNOPD_MS, type Step } from '../plan/sequence.ts';
import type { KnownTarget } from './address-context.ts';

/** The steps of a door, and how to send them. */
export function sequenceOf(
  { source, delayMs, sequenceTimeoutMs, closeSteps, changedAt }: Door,
  steps: readonly Step[],
): Sequence {
  return {
    steps,
    closable: closeSteps !== undefined,
    ...(delayMs !== undefined && { delayMs }),
    ...(sequenceTimeoutMs !== undefined && { sequenceTimeoutMs }),
    ...(changedAt !== undefined && { changedAt }),
    ...(source.kind === 'spa' && { slowestOpeningMs: SLOWEST_FWKNOPD_MS }),
  };
}

/** How many knocks one close takes; 0: there is no close sequence. */
export function knocksToClose({ closeSteps }: Door): number {
  return closeSteps === undefined ? 0 : stepsToClose(closeSteps).length;
}

/** Each target with what was learned about it, the one that opened last first. */
export function withHistory(targets: readonly Target[], state: HistoryStore): KnownTarget[] {
  return targets
    .map((target) => ({ ...target, history: state.load(target) }))
    .sort((a, b) => b.history.openedAt - a.history.openedAt);
}
