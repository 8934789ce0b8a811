import { oneLine } from './text.ts';

/**
 * The one class of error a user may see. Its message and hints are complete lines without a trailing full
 * stop, safe to print: they never hold a port of a knock sequence, a key, or what a secret command printed, and what
 * a terminal would act on is escaped here.
 */
export class KnockproxyError extends Error {
  override readonly name = 'KnockproxyError';
  /** Exit status of the process: 1 the door did not open, 2 usage or configuration. */
  readonly exitCode: 1 | 2;
  /** What to do about it, a line each; printed after the message as `knockproxy: hint: ...`. */
  readonly hints: readonly string[];

  /** The built program consists of several files, each with a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'KnockproxyError';
  }

  constructor(
    message: string,
    options: { exitCode?: 1 | 2; hints?: readonly string[]; cause?: unknown } = {},
  ) {
    super(oneLine(message), 'cause' in options ? { cause: options.cause } : undefined);
    this.exitCode = options.exitCode ?? 1;
    this.hints = (options.hints ?? []).map(oneLine);
  }
}

/** An error in what the user typed on the command line; exit status 2. */
export function usageError(message: string, ...hints: string[]): KnockproxyError {
  return new KnockproxyError(message, { exitCode: 2, hints });
}

/** An error in a configuration file, worded `FILE line N: message`; exit status 2. */
export function configError(where: FilePlace, message: string, ...hints: string[]): KnockproxyError {
  return new KnockproxyError(`${describePlace(where)}: ${message}`, { exitCode: 2, hints });
}

/** A line of a file, or all of it. */
export interface FilePlace {
  readonly file: string;
  /** From 1. */
  readonly line?: number | undefined;
}

/** `FILE line N`, safe to print. */
export function describePlace({ file, line }: FilePlace): string {
  return oneLine(line === undefined ? file : `${file} line ${line}`);
}
