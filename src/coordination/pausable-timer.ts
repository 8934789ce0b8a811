import { nowMs } from '../util/clock.ts';
/** A timer that can stand still for a while. */
export class PausableTimer {
  /** How long it has stood still, in milliseconds. */
  stoodStillMs = 0;
  #leftMs: number;
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;
  #stoppedMs: number | undefined;
  #end = () => {};

  /** @param ms how long it runs, not counting what it stands still. */
  constructor(ms: number) {
    this.#leftMs = ms;
  }

  /** Runs, or goes on, and calls `end` at its end. */
  start(end: () => void): void {
    if (this.#stoppedMs === undefined && this.#timer !== undefined) return;
    this.done();
    this.#end = end;
    this.#startedMs = nowMs();
    this.#timer = setTimeout(end, this.#leftMs);
  }

  /** Stands still, but no longer than `mostMs`: after that it is at its end. */
  stop(mostMs: number): void {
    if (this.#stoppedMs !== undefined) return;
    this.#stoppedMs = nowMs();
    this.#leftMs -= this.#stoppedMs - this.#startedMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#end, mostMs);
  }

  /** Ends it without a call. */
  done(): void {
    clearTimeout(this.#timer);
    if (this.#stoppedMs !== undefined) this.stoodStillMs += nowMs() - this.#stoppedMs;
    this.#stoppedMs = undefined;
  }
}
