/** Time and timers; tests pass a fake one and run a login without waiting. */
export interface Clock {
  /** Monotonic, from an arbitrary start. */
  nowMs(): number;
  /** Wall-clock time since the epoch; it can be set back. */
  dateMs(): number;
  /** Calls back once after `ms`. @returns a function that cancels the timer. */
  startTimer(callback: () => void, ms: number): () => void;
  /** Resolves once pending socket events are delivered: Node runs expired timers before it polls sockets. */
  pollSockets(): Promise<void>;
}

/**
 * The time since this process started; monotonic. The same clock as performance.now(), whose first call loads modules
 * for a millisecond.
 */
export function nowMs(): number {
  return process.uptime() * 1000;
}

export const realClock: Clock = {
  nowMs,
  dateMs: Date.now,
  startTimer(callback, ms) {
    const timer = setTimeout(callback, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
  pollSockets: () => new Promise((resolve) => setImmediate(resolve)),
};

/** What the promise gives, or undefined after `ms`. Leaves no timer. */
export async function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const first = await Promise.race([promise, sleep(ms, timer.signal).then(() => undefined)]);
  timer.abort();
  return first;
}

/** Resolves after `ms`, at once when that is not above 0, or when `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal, clock = realClock): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.startTimer(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
