import { resetKnocks } from '../plan/reset-knocks.ts';
import type { Step } from '../plan/sequence.ts';

/** A sequence to send from the host of KnockVia. */
export interface PlannedSequence {
  readonly steps: readonly Step[];
  /** The pause between two knocks, an integer in milliseconds. */
  readonly delayMs: number;
  /** All pauses together, in milliseconds. */
  readonly tookMs: number;
}

/** The pause between two knocks of the first round, and of those after it, in milliseconds. */
const DELAYS_MS = [0, 50, 150, 300, 500];

/**
 * An attempt: from the second round on, which sends each candidate to each address again, after reset knocks and with
 * longer pauses.
 *
 * @param delayMs KnockDelay; undefined: chosen here.
 */
export function planAttemptVia(
  steps: readonly Step[],
  round: number,
  delayMs = DELAYS_MS[Math.min(round, DELAYS_MS.length - 1)]!,
): PlannedSequence {
  const resets = resetKnocks(steps);
  const before = round === 0 ? [] : resets[(round - 1) % resets.length]!;
  return planOnceVia([...before, ...steps], delayMs);
}

/** A sequence that is sent once. */
export function planOnceVia(steps: readonly Step[], delayMs = 0): PlannedSequence {
  return { steps, delayMs: Math.round(delayMs), tookMs: steps.length * delayMs };
}
