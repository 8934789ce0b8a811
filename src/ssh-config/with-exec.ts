import { CommandNotRun } from './system.ts';
import type { ConfigSystem, FileBytes } from './types.ts';

/**
 * Reads the configuration, and runs the commands of `Match exec` that it needs while this process goes on: after each
 * one the reading starts again, with the results so far and the files as they were.
 *
 * @param read reads with the system it is given, and may be called several times.
 * @param signal ends the command that runs, and the reading with its reason.
 * @throws what `read` throws.
 */
export async function withExec<T>(
  read: (system: ConfigSystem) => T,
  real: ConfigSystem,
  signal?: AbortSignal,
): Promise<T> {
  const statuses = new Map<string, number>();
  const files = new Map<string, FileBytes | string>();
  const system: ConfigSystem = {
    ...real,
    exec: (command, env) => statuses.get(command) ?? real.exec(command, env),
    read(path) {
      const found = files.get(path) ?? real.read(path);
      files.set(path, found);
      return found;
    },
  };
  for (;;) {
    try {
      return read(system);
    } catch (error) {
      if (!(error instanceof CommandNotRun)) throw error;
      const { runInShell } = await import('../processes/run-in-shell.ts');
      statuses.set(error.command, await runInShell(error.command, error.env, signal));
      signal?.throwIfAborted();
    }
  }
}
