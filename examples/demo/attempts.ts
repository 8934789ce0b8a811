/** One step of the secret sequence. */
export interface Step {
  protocol: 'tcp' | 'udp';
  port: number;
}

/**
 * How far each source address has come. As with knockd, a wrong knock ends the attempt of its source and is not the
 * first knock of a new one.
 */
export class Attempts {
  #live = new Map<string, { done: number; sinceMs: number }>();

  /** @param sequenceMs the time allowed from the first knock to the last, in ms */
  constructor(
    private readonly steps: readonly Step[],
    private readonly sequenceMs: number,
  ) {}

  /**
   * Counts a knock.
   * @returns which step it fulfilled, from 1; 0 for a knock that was not awaited. The last step ends the attempt.
   */
  knock(from: string, { protocol, port }: Step, nowMs: number): number {
    const attempt = this.#live.get(from);
    this.#live.delete(from);
    const { done, sinceMs } =
      attempt && nowMs - attempt.sinceMs <= this.sequenceMs ? attempt : { done: 0, sinceMs: nowMs };
    const awaited = this.steps[done];
    if (awaited?.protocol !== protocol || awaited.port !== port) return 0;
    if (done + 1 < this.steps.length) this.#live.set(from, { done: done + 1, sinceMs });
    return done + 1;
  }
}
