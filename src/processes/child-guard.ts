import { isRunning, processTree } from './process-tree.ts';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
/** On exit, how long a program has to restore the terminal (it may have turned echo off) before SIGKILL. */
const EXIT_GRACE_MS = 300;
const POLL_MS = 10;

/**
 * Ends a child process and its descendants when this process ends. They have no process group of their own (see
 * run-program.ts), so they are found by parent pid; a daemon (gpg-agent) is not found and keeps running. Create the
 * guard before the child, so that no signal arrives in between.
 */
export class ChildGuard {
  #pid: number | undefined;
  #ending: { readonly tree: readonly number[]; readonly timer: NodeJS.Timeout } | undefined;

  /** @param signals false: a signal that does not end this process does not end the child either. */
  constructor({ signals = true } = {}) {
    process.on('exit', this.#onExit);
    if (signals) for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** @param child it may have failed to start. */
  guard<T extends { readonly pid?: number | undefined }>(child: T): T {
    this.#pid = child.pid;
    return child;
  }

  /** Sends SIGTERM, and SIGKILL after `graceMs`. */
  end(graceMs: number): void {
    const pid = this.#pid;
    if (this.#ending !== undefined || pid === undefined) return;
    const tree = terminate(pid);
    this.#ending = { tree, timer: setTimeout(() => kill(pid, tree), graceMs) };
  }

  /** Stops guarding: the child has exited. If end() was called, kills its remaining descendants at once. */
  release(): void {
    if (this.#ending !== undefined) {
      clearTimeout(this.#ending.timer);
      kill(this.#pid!, this.#ending.tree);
    }
    process.off('exit', this.#onExit);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onExit = () => {
    if (this.#pid !== undefined) endNow(this.#pid);
  };

  /** Without another listener, the signal ends this process as it would by default. */
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.release();
    this.#onExit();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
}

function endNow(pid: number): void {
  const tree = terminate(pid);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let ms = 0; ms < EXIT_GRACE_MS && tree.some(isRunning); ms += POLL_MS) {
    Atomics.wait(sleeper, 0, 0, POLL_MS);
  }
  kill(pid, tree);
}

/** A stopped process handles SIGTERM only after SIGCONT. */
function terminate(pid: number): number[] {
  const tree = processTree(pid);
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) for (const member of tree) send(member, signal);
  return tree;
}

/** Kills those of `tree` that still run, and what `pid` has started since. */
function kill(pid: number, tree: readonly number[]): void {
  for (const member of new Set([...tree.filter(isRunning), ...processTree(pid)])) send(member, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
