/** What one login may send at most, its close sequence included, so that no line is flooded. */
const MOST_KNOCKS = 500;

/** Counts the knocks of a login. How many attempts and connects it may make is planned: see plan/attempt-limits.ts. */
export class KnockBudget {
  knocks = 0;
  readonly #keptKnocks: number;

  /** @param keptKnocks how many are kept for closing the door. */
  constructor(keptKnocks = 0) {
    this.#keptKnocks = keptKnocks;
  }

  hasRoomFor(knocks: number): boolean {
    return this.knocks + knocks + this.#keptKnocks <= MOST_KNOCKS;
  }

  /** Takes a sequence of so many knocks that is sent after the opening. @returns how often, at most `most` times. */
  takeMore(most: number, knocks: number): number {
    const times = Math.min(most, Math.floor((MOST_KNOCKS - this.knocks) / knocks));
    this.knocks += times * knocks;
    return times;
  }
}

/** The limit, as an error names it. */
export const ALL_KNOCKS = `${MOST_KNOCKS} knocks`;
