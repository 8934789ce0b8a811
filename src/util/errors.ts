import { oneLine } from './text.ts';

/**
 * The only class of error shown to users. Message and hints are single lines without a trailing full stop. They never
 * contain a port of a knock sequence, a key, or the output of a secret command; the constructor escapes control
 * characters.
 */
export class KnockproxyError extends Error {
  override readonly name = 'KnockproxyError';
  /** Exit status: 1 the door did not open, 2 usage or configuration. */
  readonly exitCode: 1 | 2;
  /** What to do, one line each; printed after the message as `knockproxy: hint: ...`. */
  readonly hints: readonly string[];

  /** Compares by name: each file of the built program has its own copy of this class. */
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

/** An error on the command line; exit status 2. */
export function usageError(message: string, ...hints: string[]): KnockproxyError {
  return new KnockproxyError(message, { exitCode: 2, hints });
}

/**
 * An error in a configuration file, worded `FILE line N: message`; exit status 2.
 *
 * @param where a text is a place that is described already.
 */
export function configError(
  where: FilePlace | string,
  message: string,
  ...hints: readonly string[]
): KnockproxyError {
  const place = typeof where === 'string' ? where : describePlace(where);
  return new KnockproxyError(`${place}: ${message}`, { exitCode: 2, hints });
}

/** A line of a file, or the whole file. */
export interface FilePlace {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number | undefined;
}

/** `FILE line N`, safe to print. */
export function describePlace({ file, line }: FilePlace): string {
  return oneLine(line === undefined ? file : `${file} line ${line}`);
}
