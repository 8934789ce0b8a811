import type { ChildProcess } from 'node:child_process';
import { programPath } from '../util/program-path.ts';
import { ChildGuard } from './child-guard.ts';

export interface Limits {
  readonly timeMs: number;
  readonly outputBytes: number;
  /** Ends the program at once. */
  readonly signal?: AbortSignal | undefined;
}

/** How a program ended, and its output. */
export type Ending = { readonly output: string } & (
  | { readonly how: 'exit'; readonly status: number }
  | { readonly how: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly how: 'not started'; readonly code: string }
  | { readonly how: 'too long' | 'too much' }
);

/** How long a program has after SIGTERM before it is killed. */
const GRACE_MS = 1000;
/** After the exit its output is already in the pipe; a process it left behind may keep the pipe open. */
const DRAIN_MS = 100;

/**
 * Runs a program without a shell, with stdin /dev/null and this process's stderr. It stays in the process group: only the
 * terminal's foreground group may read from the terminal, so a program in another group could not ask for a PIN.
 *
 * @param more variables to add to the environment.
 */
export async function runProgram(
  argv: readonly string[],
  limits: Limits,
  more: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const { spawn } = await import('node:child_process');
  const [name = '', ...args] = argv;
  const program = programPath(name);
  if (program === undefined) return { how: 'not started', code: 'ENOENT', output: '' };
  // The program must not use the channel on fd 1, through which ProxyUseFdpass passes the socket.
  const { NODE_CHANNEL_FD: _, ...inherited } = process.env;
  const env = { ...inherited, ...more };
  const guard = new ChildGuard();
  try {
    const child = guard.guard(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env }));
    return await watch(child, guard, limits);
  } catch (error) {
    return { how: 'not started', code: (error as NodeJS.ErrnoException).code ?? 'unknown', output: '' };
  } finally {
    guard.release();
  }
}

/** Rejects if it could not be started. */
function watch(
  child: ChildProcess,
  guard: ChildGuard,
  { timeMs, outputBytes, signal }: Limits,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const output = new Output(child, outputBytes, () => stop('too much'));
    let stopped: 'too long' | 'too much' | undefined;
    const stop = (why: 'too long' | 'too much') => {
      stopped ??= why;
      guard.end(GRACE_MS);
    };
    const tooLong = () => stop('too long');
    const timer = setTimeout(tooLong, timeMs);
    signal?.addEventListener('abort', tooLong, { once: true });
    const cleanUp = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', tooLong);
    };
    child.on('error', (error) => {
      cleanUp();
      reject(error);
    });
    child.on('exit', async (status, killer) => {
      await output.drained(DRAIN_MS);
      cleanUp();
      resolve(endingOf(stopped, status, killer, output.text()));
    });
  });
}

function endingOf(
  stopped: 'too long' | 'too much' | undefined,
  status: number | null,
  signal: NodeJS.Signals | null,
  output: string,
): Ending {
  if (stopped !== undefined) return { how: stopped, output: '' };
  return signal === null ? { how: 'exit', status: status ?? -1, output } : { how: 'signal', signal, output };
}

/** Collects a child's output up to a limit. */
class Output {
  readonly #chunks: Buffer[] = [];
  readonly #ended: Promise<unknown>;
  readonly #child: ChildProcess;
  #bytes = 0;

  constructor(child: ChildProcess, limit: number, exceeded: () => void) {
    this.#child = child;
    child.stdout!.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes <= limit) this.#chunks.push(chunk);
      else exceeded();
    });
    this.#ended = new Promise((resolve) => child.stdout!.on('close', resolve));
  }

  async drained(maxMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, maxMs);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    this.#child.stdout!.destroy();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
