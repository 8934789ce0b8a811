import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How long a program may take, and how long it may take to end when told to, in ms. */
const RUN_MS = 20_000;
const END_MS = 1_000;

export interface Finished {
  /** The exit status; null if a signal ended the program. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Programs started by the demo, each a process group of its own, so that none and no child of one outlives it. */
export class Children {
  #running = new Set<ChildProcess>();
  #over = false;

  /** Starts a program; see `child_process.spawn`. */
  start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    if (this.#over) throw new Error('the demo is ending');
    const child = spawn(command, args, { ...options, detached: true });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return child;
  }

  /** Runs a program to its end, with nothing on its stdin. Rejects if it cannot be started or takes over 20 s. */
  async run(command: string, args: readonly string[], options: SpawnOptions): Promise<Finished> {
    const child = this.start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      signalGroup(child, 'SIGKILL');
    }, RUN_MS);
    const [status] = (await once(child, 'close').finally(() => clearTimeout(timer))) as [number | null];
    if (late) throw new Error(`${command} took longer than ${RUN_MS / 1000} s\n${output.stderr}`);
    return { status, ...output };
  }

  /** Ends what still runs, and refuses to start more. */
  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all([...this.#running].map(end));
  }
}

async function end(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), END_MS);
  const closed = new Promise((resolve) => child.once('close', resolve));
  signalGroup(child, 'SIGTERM');
  await closed;
  clearTimeout(timer);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // It ended a moment ago.
  }
}
