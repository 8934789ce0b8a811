import { KnockproxyError } from '../../util/errors.ts';

/**
 * Watches for errors of standard output. If the reader exits early, like head(1), the output is dropped and the command
 * continues, so that `check` closes the door again.
 */
export function watchOutput(): { written(): Promise<void> } {
  let failure: string | undefined;
  process.stdout.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') failure ??= code;
  });
  process.stderr.on('error', () => {});
  return {
    /** @throws KnockproxyError if writing has failed, unless the reader exited early. */
    async written() {
      // Errors are emitted a tick after the callback.
      await new Promise<void>((resolve) => process.stdout.write('', () => setImmediate(resolve)));
      if (failure !== undefined) throw new KnockproxyError(`cannot write to standard output (${failure})`);
    },
  };
}
