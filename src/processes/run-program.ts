import type { ChildProcess } from 'node:child_process';
import { programPath } from '../util/program-path.ts';
import { ChildGuard } from './child-guard.ts';

export interface Limits {
  readonly timeMs: number;
  readonly outputBytes: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

/** How a program ended, with what it printed. */
export type Ending = { readonly output: string } & (
  | { readonly how: 'exit'; readonly status: number }
  | { readonly how: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly how: 'not started'; readonly code: string }
  | { readonly how: 'too long' | 'too much' }
);

/** How long a program that was told to end may take, before it is killed. */
const GRACE_MS = 1000;
/** What a program has printed is in the pipe when it ends; a child it leaves behind may keep the pipe open. */
const DRAIN_MS = 100;

/**
 * Runs a program without a shell: stdin is /dev/null, stderr ours. It stays in our process group, because only
 * the terminal's foreground group may read from it, and a group of its own could not ask for a PIN.
 *
 * @param more variables for its environment, besides ours.
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
  // The channel on our fd 1 that ProxyUseFdpass passes the socket by is not the program's.
  const { NODE_CHANNEL_FD: _, ...ours } = process.env;
  const env = { ...ours, ...more };
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

/** Rejects when it could not be started. */
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
    const settle = (end: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', tooLong);
      end();
    };
    child.on('error', (error) => settle(() => reject(error)));
    child.on('exit', async (status, killer) => {
      await output.drained(DRAIN_MS);
      settle(() => resolve(endingOf(stopped, status, killer, output.text())));
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

/** What a child prints, up to a limit. */
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

  async drained(mostMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, mostMs);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    this.#child.stdout!.destroy();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
