import { Log } from '../util/log.ts';
import type { OpeningOptions } from './options.ts';

/** Passes messages to the caller's callbacks: the library itself writes nothing. */
export class CallbackLog extends Log {
  readonly #options: OpeningOptions;

  constructor(options: OpeningOptions) {
    super();
    this.#options = options;
  }

  override warning(text: string): void {
    this.#options.onWarning?.(text);
  }

  override advice(text: string): void {
    this.warning(text);
  }

  override debug(text: string): void {
    this.#options.onDebug?.(text);
  }

  override error(): void {}

  override status(): void {}

  override clearStatus(): void {}
}
