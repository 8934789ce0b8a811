/** How often we look whether the process that started us still lives, in milliseconds. */
const LOOK_EVERY_MS = 250;

/** Ends the process when nobody waits for the connection any more. Cut it once the connection is handed over. */
export class Lifeline {
  readonly #parent = process.ppid;
  readonly #timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  readonly #end: (status: number) => void;

  /** @param end called once with the exit status. */
  constructor(end: (status: number) => void) {
    this.#end = end;
    process.on('SIGINT', this.#onInterrupt).on('SIGTERM', this.#onTerminate);
  }

  /** From now on Ctrl-C is the session's: the terminal sends it to us too, as one process group. */
  cut(): void {
    clearInterval(this.#timer);
    process
      .off('SIGINT', this.#onInterrupt)
      .off('SIGTERM', this.#onTerminate)
      .on('SIGINT', () => {});
  }

  /**
   * ssh killed before its banner exchange sends no SIGHUP, and stdin, unread while we knock, hides its end:
   * only the changed parent tells.
   */
  #look(): void {
    if (process.ppid !== this.#parent) this.#end(1);
  }

  readonly #onInterrupt = () => this.#end(128 + 2);
  readonly #onTerminate = () => this.#end(128 + 15);
}
