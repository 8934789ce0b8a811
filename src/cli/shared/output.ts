import { KnockproxyError } from '../../util/errors.ts';

/**
 * Notices when standard output cannot be written. A reader that leaves, as head(1) does, ends nothing: what is not read
 * is not written, and the command goes on, so that a door that `check` opened is closed again.
 */
export function watchOutput(): { written(): Promise<void> } {
  let failure: string | undefined;
  process.stdout.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') failure ??= code;
  });
  process.stderr.on('error', () => {});
  return {
    /** @throws KnockproxyError when something was not written, for another reason than a reader that left. */
    async written() {
      // Errors are emitted a tick after the callback.
      await new Promise<void>((resolve) => process.stdout.write('', () => setImmediate(resolve)));
      if (failure !== undefined) throw new KnockproxyError(`cannot write to standard output (${failure})`);
    },
  };
}
