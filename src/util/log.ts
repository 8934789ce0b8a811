import fs from 'node:fs';
import { nowMs } from './clock.ts';
import { KnockproxyError } from './errors.ts';
import { requireBuiltin } from './require-builtin.ts';
import { oneLine, printable } from './text.ts';

export { printable };

/** The lines to print for an error: the message, then its hints. */
export function errorLines(error: KnockproxyError): string[] {
  return [`knockproxy: error: ${error.message}`, ...error.hints.map((hint) => `knockproxy: hint: ${hint}`)];
}

/**
 * Converts anything thrown to an error that is safe to print. Texts of other errors are withheld: Node puts addresses
 * and ports into them, and a port may be a step of the sequence.
 */
export function toKnockproxyError(error: unknown): KnockproxyError {
  if (error instanceof KnockproxyError) return error;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return new KnockproxyError(`internal error (${printable(String(code ?? name ?? typeof error))})`, {
    hints: ['please report it with the command line, but without your sequence'],
  });
}

/** The only writer to stderr. */
export class Log {
  /** ssh's LogLevel, -3 QUIET to 4 DEBUG3; 0 is INFO. */
  level = 0;
  readonly #fd: number;
  readonly #isTerminal: () => boolean;
  #statusShown = false;

  constructor(fd = 2, isTerminal = () => requireBuiltin<typeof import('node:tty')>('node:tty').isatty(fd)) {
    this.#fd = fd;
    this.#isTerminal = isTerminal;
  }

  error(error: KnockproxyError): void {
    if (this.level > -3) this.#lines(errorLines(error));
  }

  /** A warning printed only to a terminal: it would be noise in a log file. */
  advice(text: string): void {
    if (this.#isTerminal()) this.warning(text);
  }

  warning(text: string): void {
    if (this.level >= 0) this.#lines([oneLine(`knockproxy: warning: ${text}`)]);
  }

  /** Printed with -v or LogLevel DEBUG1, with the time since the process started. */
  debug(text: string): void {
    if (this.level <= 1) return;
    this.#lines([oneLine(`knockproxy: debug1: ${Math.round(nowMs())} ms: ${text}`)]);
  }

  /** Shows or updates the status line; only on a terminal and at LogLevel INFO or above. */
  status(text: string): void {
    if (this.level < 0 || !this.#isTerminal()) return;
    this.#statusShown = true;
    this.#write(`\r\x1b[Kknockproxy: ${oneLine(text)}`);
  }

  clearStatus(): void {
    if (!this.#statusShown) return;
    this.#statusShown = false;
    this.#write('\r\x1b[K');
  }

  #lines(lines: readonly string[]): void {
    this.clearStatus();
    this.#write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Ignores errors: a terminal that blocks or is gone must not end a login. */
  #write(text: string): void {
    try {
      fs.writeSync(this.#fd, text);
    } catch {}
  }
}
