import type { Clock } from '../util/clock.ts';
import type { OpenRequest } from './open-request.ts';

/** One attempt is made even where a busy machine, or others before us, have used up the time, in milliseconds. */
const LEAST_TIME_MS = 400;

/** How long an opening goes on, and what it waits for meanwhile. */
export class Patience {
  readonly #clock: Clock;
  readonly #request: OpenRequest;
  readonly #startedMs: number;
  readonly #cancels = new Set<() => void>();
  #deadlineMs: number;
  #wake = () => {};

  constructor(request: OpenRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#deadlineMs = Math.max(request.deadlineMs, this.#startedMs + LEAST_TIME_MS);
    request.signal?.addEventListener('abort', this.#onAbort);
  }

  /** Whether neither the time is up nor the caller has aborted. */
  get lasts(): boolean {
    return !this.#request.signal?.aborted && this.remainingMs > 0;
  }

  get remainingMs(): number {
    return this.#deadlineMs - this.#clock.nowMs();
  }

  get elapsedMs(): number {
    return this.#clock.nowMs() - this.#startedMs;
  }

  /** Gives the opening more time, within ConnectTimeout: the time that knocks take does not count. */
  extend(ms: number): void {
    const latestMs = this.#request.connectTimeout?.endsMs ?? Number.POSITIVE_INFINITY;
    this.#deadlineMs = Math.max(this.#deadlineMs, Math.min(this.#deadlineMs + ms, latestMs));
  }

  /** Sleeps to a time of the clock, or until there is no more reason to wait. */
  async sleepUntil(timeMs: number): Promise<void> {
    const ms = Math.min(timeMs, this.#deadlineMs) - this.#clock.nowMs();
    if (ms <= 0 || !this.lasts || this.#isWoken) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.startTimer(resolve, ms);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #isWoken = false;

  /** Ends the wait: there is nothing more to wait for. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  later(ms: number, act: () => void): void {
    const cancel = this.#clock.startTimer(() => {
      this.#cancels.delete(cancel);
      act();
    }, ms);
    this.#cancels.add(cancel);
  }

  end(): void {
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    for (const cancel of this.#cancels) cancel();
  }

  readonly #onAbort = () => this.#wake();
}
