import { Log } from '../util/log.ts';
import type { OpeningOptions } from './options.ts';

/** A library writes nothing: what there is to say goes to the callbacks it was given. */
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
