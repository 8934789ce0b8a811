import { exitNow } from './util/exit.ts';

/** How often to check that the parent process is still alive. */
const POLL_MS = 250;
/** How long aborted work has to finish. */
const FINISH_MS = 300;
/** Signals that end this process, with their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const NAMES = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];

/**
 * Exits when ssh (the parent) is gone or on a signal. Call stop() once the connection is handed over. Until
 * listen() is called, signals have their default effect.
 */
export class ParentWatch {
  /** Whether to abort work and wait until it has finished (a door may have to be closed), instead of exiting at once. */
  mustFinish = false;
  readonly #parent = process.ppid;
  readonly #timer = setInterval(() => this.#checkParent(), POLL_MS).unref();
  readonly #abort = new AbortController();
  readonly #beforeExit: () => void;
  #status: number | undefined;

  /** @param beforeExit called when the process is about to exit. */
  constructor(beforeExit: () => void) {
    this.#beforeExit = beforeExit;
  }

  /** Starts handling signals: from now on there may be something to do before the process ends. */
  listen(): void {
    for (const name of NAMES) process.on(name, this.#onSignal);
  }

  /** Aborts when the process is about to exit. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** @throws `error`, unless work was aborted: then exits. */
  rethrowOrExit(error: unknown): never {
    if (this.#status !== undefined) exitNow(this.#status);
    throw error;
  }

  /** Stops watching. Ctrl-C is now for the session: the terminal sends it to the whole process group. */
  stop(): void {
    clearInterval(this.#timer);
    for (const name of NAMES) process.off(name, this.#onSignal);
    process.on('SIGINT', () => {});
  }

  /**
   * An ssh killed before its banner exchange sends no SIGHUP, and the end of stdin goes unnoticed while nobody reads
   * it. Only the parent pid shows that ssh is gone.
   */
  #checkParent(): void {
    if (process.ppid !== this.#parent) this.#exit(1);
  }

  readonly #onSignal = (name: NodeJS.Signals) => this.#exit(128 + SIGNALS[name as keyof typeof SIGNALS]);

  #exit(status: number): void {
    this.#beforeExit();
    if (!this.mustFinish) exitNow(status);
    this.#status = status;
    this.#abort.abort();
    setTimeout(() => exitNow(status), FINISH_MS);
  }
}
