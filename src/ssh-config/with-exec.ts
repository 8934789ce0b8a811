import { CommandNotRun } from './system.ts';
import type { ConfigSystem, FileBytes } from './types.ts';

/**
 * Reads the configuration and runs the `Match exec` commands that it needs, without blocking the event loop. After each
 * command the reading starts again with the results so far and the same file contents.
 *
 * @param read may be called several times.
 * @param signal ends the running command, and rejects with its reason.
 * @throws as `read`.
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
