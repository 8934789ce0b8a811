import { configError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { readSecret } from './prompt.ts';
import { ANY_SEQUENCE, sequenceLine } from './typed-sequence.ts';

interface LeftOut {
  readonly host: string;
  /** Where the file leaves the sequence out. */
  readonly line: number;
}

interface AskOptions {
  readonly file: string;
  readonly dryRun: boolean;
}

/**
 * Asks for the sequences that a file leaves out, or reads a single one from stdin.
 *
 * @returns the line of knock_config by host. A dry run at a terminal asks nothing: it does not show what it would write.
 * @throws KnockproxyError where stdin has none.
 */
export async function askLeftOut(
  doors: readonly LeftOut[],
  { file, dryRun }: AskOptions,
): Promise<Map<string, string>> {
  const isTerminal = process.stdin.isTTY === true;
  if (doors.length > 1 && !isTerminal) {
    throw usageError(`${file} leaves out the sequences of ${doors.length} hosts`, WITH_SECRETS);
  }
  const lines = new Map<string, string>();
  for (const { host, line } of doors) {
    const answer =
      dryRun && isTerminal
        ? ANY_SEQUENCE
        : (await readSecret(`Knock sequence for ${printable(host)} (not shown): `)).trim();
    if (answer === '')
      throw configError({ file, line }, 'the sequence of this door is left out', WITH_SECRETS);
    lines.set(host, sequenceLine(answer));
  }
  return lines;
}

const WITH_SECRETS =
  'type it when asked, pass it on stdin, or export with: knockproxy list --export --with-secrets';
