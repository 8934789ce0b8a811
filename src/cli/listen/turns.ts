/** How an opening ended: true, or why not. */
type TurnEnd = { readonly ok: boolean; readonly error?: unknown };

/**
 * The openings of one listener: one client opens the door, those that come meanwhile wait until it has, and fail with it.
 * So a crowd of clients in front of a door that stays shut costs the knocks of one login.
 */
export class Turns {
  #opening: Promise<TurnEnd> | undefined;

  /**
   * @param open opens the door, or connects without a knock if it has just been opened.
   * @param signal aborts this opening; the next client in the queue then opens instead.
   * @throws as `open`, also when that of another client has failed.
   */
  async take(open: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#opening === undefined) return this.#lead(open, signal);
      const { ok, error } = await this.#opening;
      if (ok) return open();
      if (error !== undefined) throw error;
    }
  }

  async #lead(open: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const running = open();
    this.#opening = running.then(
      () => ({ ok: true }),
      (error) => ({ ok: false, ...(!signal.aborted && { error }) }),
    );
    try {
      await running;
    } finally {
      this.#opening = undefined;
    }
  }
}
