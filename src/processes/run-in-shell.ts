import type { ChildProcess } from 'node:child_process';
import { ChildGuard } from './child-guard.ts';

/** After an abort, how long the command has to exit before it is killed. */
const GRACE_MS = 1000;

/**
 * Runs a command of `Match exec` as ssh does (readconf.c, execute_in_shell): by the user's shell, with this process's stderr.
 * Stdin and stdout are /dev/null, because this process's are the connection. The command ends when this process does.
 *
 * @param command bytes as latin1.
 * @param env the whole environment.
 * @returns the exit status; -1 if the command could not be started or was killed by a signal.
 */
export async function runInShell(
  command: string,
  { NODE_CHANNEL_FD: _, ...env }: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<number> {
  const { spawn } = await import('node:child_process');
  const argv = ['-c', Buffer.from(command, 'latin1').toString('utf8')];
  const guard = new ChildGuard();
  const stop = () => guard.end(GRACE_MS);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await statusOf(
      guard.guard(spawn(env.SHELL ?? '/bin/sh', argv, { stdio: ['ignore', 'ignore', 'inherit'], env })),
    );
  } catch {
    return -1;
  } finally {
    signal?.removeEventListener('abort', stop);
    guard.release();
  }
}

/** Rejects if it could not be started. */
function statusOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (status) => resolve(status ?? -1));
  });
}
