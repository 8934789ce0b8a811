import { exitNow } from './util/exit.ts';

/** How often we look whether the process that started us still lives, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** How long work that is broken off may take to end, in milliseconds. */
const LAST_WORK_MS = 300;
/** Signals that end us, with their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const NAMES = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];

/**
 * Ends the process when nobody waits for the connection any more. Cut it once the connection is handed over. Until it
 * listens, signals end the process as they do any other.
 */
export class ParentWatch {
  /** Whether work is broken off and waited for, not just left: a door may have to be closed. */
  mustFinish = false;
  readonly #parent = process.ppid;
  readonly #timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  readonly #breakOff = new AbortController();
  readonly #beforeEnd: () => void;
  #status: number | undefined;

  /** @param beforeEnd called when the process is about to end. */
  constructor(beforeEnd: () => void) {
    this.#beforeEnd = beforeEnd;
  }

  /** From now on there is something to do before a signal ends the process. */
  listen(): void {
    for (const name of NAMES) process.on(name, this.#onSignal);
  }

  /** Breaks work off. */
  get signal(): AbortSignal {
    return this.#breakOff.signal;
  }

  /** Work has ended by an error. @throws it, unless that is because it was broken off: then the process ends. */
  rethrowOrExit(error: unknown): never {
    if (this.#status !== undefined) exitNow(this.#status);
    throw error;
  }

  /** From now on Ctrl-C is the session's: the terminal sends it to us too, as one process group. */
  stop(): void {
    clearInterval(this.#timer);
    for (const name of NAMES) process.off(name, this.#onSignal);
    process.on('SIGINT', () => {});
  }

  /**
   * ssh killed before its banner exchange sends no SIGHUP, and stdin, unread while we knock, hides its end:
   * only the changed parent tells.
   */
  #look(): void {
    if (process.ppid !== this.#parent) this.#end(1);
  }

  readonly #onSignal = (name: NodeJS.Signals) => this.#end(128 + SIGNALS[name as keyof typeof SIGNALS]);

  #end(status: number): void {
    this.#beforeEnd();
    if (!this.mustFinish) exitNow(status);
    this.#status = status;
    this.#breakOff.abort();
    setTimeout(() => exitNow(status), LAST_WORK_MS);
  }
}
