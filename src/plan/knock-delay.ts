/**
 * How far apart to send the knocks of the next attempt. An attempt fails because a packet was lost (or doubled), which
 * no pause prevents, or because two packets overtook each other, which a pause longer than the jitter prevents.
 * Nothing shows which; but how earlier attempts went makes one likelier than the other.
 */

/** How one attempt went. */
export interface AttemptResult {
  /** The pause between its knocks, in milliseconds. */
  readonly delayMs: number;
  readonly opened: boolean;
}

/** Pauses worth trying, in milliseconds. */
const DELAYS_MS = [0, 2, 4, 6, 8, 10, 13, 17, 22, 28, 36, 45, 55, 75, 100];

/** What sending one knock takes at least, in milliseconds: back to back is not at the same time. */
const SEND_MS = 0.1;

/**
 * What the line may be like: jitter in ms, the chance that a sequence survives loss and doubling, prior weight.
 * Mostly one of the two is wrong, rarely both. The weights decide which pauses a first contact goes through,
 * here 0 8 0 0 36 0 0 0 45 0 17 17 17 17 36 ... ms for ten steps; they were chosen by simulating the bench's rows.
 */
const LINES: readonly (readonly [jitterMs: number, survival: number, weight: number])[] = [
  [0.1, 0.99, 20],
  [0.1, 0.8, 2],
  [0.1, 0.6, 2],
  [0.1, 0.35, 25],
  [5, 0.99, 0.24],
  [10, 0.99, 4.8],
  [20, 0.99, 0.8],
  [50, 0.99, 4.5],
  [20, 0.5, 0.9],
  [20, 0.3, 0.5],
  [50, 0.5, 0.05],
];

/**
 * The pause that makes success per unit of time most likely.
 *
 * @param steps of the sequence, 1-31.
 * @param cost what a failed attempt takes: `leastMs` besides the pauses between its knocks, and `gapMs` anyhow.
 * @param past attempts at this door over this network, in any order.
 * @param floorMs no shorter pause than this.
 * @param ceilingMs no longer pause than this, unless the floor is.
 */
export function chooseDelayMs(
  steps: number,
  cost: { readonly leastMs: number; readonly gapMs: number },
  past: readonly AttemptResult[],
  floorMs = 0,
  ceilingMs = Number.POSITIVE_INFINITY,
): number {
  if (past.every((tried) => tried.opened && tried.delayMs <= floorMs)) return floorMs;
  const lines = likelyLines(steps, past);
  const value = (delayMs: number) => {
    let chance = 0;
    for (const line of lines) chance += line.weight * line.survival * inOrder(steps, delayMs, line.jitterMs);
    return chance / Math.max((steps - 1) * delayMs + cost.leastMs, cost.gapMs);
  };
  const candidates = DELAYS_MS.filter((delayMs) => delayMs > floorMs && delayMs <= ceilingMs);
  return candidates.reduce((best, delayMs) => (value(delayMs) > value(best) ? delayMs : best), floorMs);
}

interface LikelyLine {
  readonly jitterMs: number;
  readonly survival: number;
  /** Not normalised. */
  readonly weight: number;
}

/** Bayes: every kind of line with its prior, weighed by how well it explains the past. */
function likelyLines(steps: number, past: readonly AttemptResult[]): LikelyLine[] {
  return LINES.map(([jitterMs, survival, prior]) => {
    let weight = prior;
    for (const { delayMs, opened } of past) {
      const chance = survival * inOrder(steps, delayMs, jitterMs);
      weight *= opened ? chance : 1 - chance;
    }
    return { jitterMs, survival, weight };
  });
}

/**
 * The chance that packets sent `delayMs` apart, each late by a uniform time in [0, jitterMs], arrive in
 * order: no neighbour overtakes.
 */
function inOrder(steps: number, delayMs: number, jitterMs: number): number {
  const overlap = Math.max(0, jitterMs - delayMs - SEND_MS) / jitterMs;
  return (1 - overlap ** 2 / 2) ** (steps - 1);
}
