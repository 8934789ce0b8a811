/** What one login may send at most, its close sequence included, so that no server bans the address and no line is flooded. */
const MOST_TRIES = 30;
const MOST_KNOCKS = 500;
const MOST_CONNECTS = 100;

/** Counts what a login sends. */
export class AttemptBudget {
  tries = 0;
  knocks = 0;
  connects = 0;
  readonly #fewTries: number | undefined;
  readonly #keptKnocks: number;

  /**
   * @param fewTries how many are left to a sequence that is probably outdated.
   * @param keptKnocks how many knocks are kept for closing the door.
   */
  constructor(fewTries?: number, keptKnocks = 0) {
    this.#fewTries = fewTries;
    this.#keptKnocks = keptKnocks;
  }

  /** What has no room for this many knocks more; undefined: nothing. */
  spent(knocks: number): string | undefined {
    if (this.#fewTries !== undefined && this.tries >= this.#fewTries) return ONE_TRY;
    if (this.tries >= MOST_TRIES) return `${MOST_TRIES} tries`;
    if (this.knocks + knocks + this.#keptKnocks > MOST_KNOCKS) return `${MOST_KNOCKS} knocks`;
    return this.hasConnects ? undefined : `${MOST_CONNECTS} connects`;
  }

  /** Takes a sequence of so many knocks that is sent after the opening. @returns how often, at most `most` times. */
  takeMore(most: number, knocks: number): number {
    const times = Math.min(most, Math.floor((MOST_KNOCKS - this.knocks) / knocks));
    this.knocks += times * knocks;
    return times;
  }

  get hasConnects(): boolean {
    return this.connects < MOST_CONNECTS;
  }
}

/** What is said to be spent when a sequence is probably outdated. */
export const ONE_TRY = 'one try';
