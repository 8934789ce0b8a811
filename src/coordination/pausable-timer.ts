import type { Clock } from '../util/clock.ts';

/** A timer that can be paused. */
export class PausableTimer {
  /** How long it has been paused, in milliseconds. */
  pausedMs = 0;
  readonly #clock: Clock;
  #leftMs: number;
  #cancel: (() => void) | undefined;
  #startedMs = 0;
  #pausedAtMs: number | undefined;
  #onEnd = () => {};

  /** @param ms how long it runs, pauses not counted. */
  constructor(ms: number, clock: Clock) {
    this.#leftMs = ms;
    this.#clock = clock;
  }

  /** Starts or resumes, and calls `onEnd` at its end. */
  start(onEnd: () => void): void {
    if (this.#pausedAtMs === undefined && this.#cancel !== undefined) return;
    this.stop();
    this.#onEnd = onEnd;
    this.#startedMs = this.#clock.nowMs();
    this.#cancel = this.#clock.startTimer(onEnd, this.#leftMs);
  }

  /** Pauses for at most `maxMs`: after that it is at its end. */
  pause(maxMs: number): void {
    if (this.#pausedAtMs !== undefined) return;
    this.#pausedAtMs = this.#clock.nowMs();
    this.#leftMs -= this.#pausedAtMs - this.#startedMs;
    this.#cancel?.();
    this.#cancel = this.#clock.startTimer(this.#onEnd, maxMs);
  }

  /** Ends it without calling back. */
  stop(): void {
    this.#cancel?.();
    if (this.#pausedAtMs !== undefined) this.pausedMs += this.#clock.nowMs() - this.#pausedAtMs;
    this.#pausedAtMs = undefined;
  }
}
