import type { Clock } from '../util/clock.ts';

/** A timer that can be paused. */
export class PausableTimer {
  /** How long it has been paused in total. */
  pausedMs = 0;
  readonly #clock: Clock;
  #leftMs: number;
  #cancel: (() => void) | undefined;
  #startedMs = 0;
  #pausedAtMs: number | undefined;

  /** @param ms how long it runs, not counting pauses. */
  constructor(ms: number, clock: Clock) {
    this.#leftMs = ms;
    this.#clock = clock;
  }

  /** Starts or resumes; calls `onEnd` when the time is over. */
  start(onEnd: () => void): void {
    if (this.#pausedAtMs === undefined && this.#cancel !== undefined) return;
    this.stop();
    this.#startedMs = this.#clock.nowMs();
    this.#cancel = this.#clock.startTimer(onEnd, this.#leftMs);
  }

  /** Pauses; calls `onOverdue` instead of `onEnd` if the pause takes longer than `maxMs`. */
  pause(maxMs: number, onOverdue: () => void): void {
    if (this.#pausedAtMs !== undefined) return;
    this.#pausedAtMs = this.#clock.nowMs();
    this.#leftMs -= this.#pausedAtMs - this.#startedMs;
    this.#cancel?.();
    this.#cancel = this.#clock.startTimer(onOverdue, maxMs);
  }

  /** Stops without calling back. */
  stop(): void {
    this.#cancel?.();
    if (this.#pausedAtMs !== undefined) this.pausedMs += this.#clock.nowMs() - this.#pausedAtMs;
    this.#pausedAtMs = undefined;
  }
}
