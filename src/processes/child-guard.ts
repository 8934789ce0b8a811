import { familyOf, isRunning } from './process-tree.ts';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
/** A program that asked for a PIN mends the terminal when it is told to end: so long we wait for it, when we end. */
const LAST_GRACE_MS = 300;
const LOOK_EVERY_MS = 10;

/**
 * Sees to it that a child and what it has started end with us. They are not a process group of their own (see
 * run-program.ts), so they are found by their parents; what has become a daemon (gpg-agent) has none and stays.
 * Made before the child, so that no signal comes between the two.
 */
export class ChildGuard {
  #pid: number | undefined;
  #ending: { readonly family: readonly number[]; readonly timer: NodeJS.Timeout } | undefined;

  constructor() {
    process.on('exit', this.#onExit);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** From now on this child, which may not have started, is looked after. */
  guard<T extends { readonly pid?: number | undefined }>(child: T): T {
    this.#pid = child.pid;
    return child;
  }

  /** Tells them to end, and kills what is left after so many milliseconds. */
  end(graceMs: number): void {
    const pid = this.#pid;
    if (this.#ending !== undefined || pid === undefined) return;
    const family = terminate(pid);
    this.#ending = { family, timer: setTimeout(() => kill(pid, family), graceMs) };
  }

  /** The child has ended; what it has started, and was told to end with it, is not waited for. */
  release(): void {
    if (this.#ending !== undefined) {
      clearTimeout(this.#ending.timer);
      kill(this.#pid!, this.#ending.family);
    }
    process.off('exit', this.#onExit);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onExit = () => {
    if (this.#pid !== undefined) endNow(this.#pid);
  };

  /** Where nobody else listens, the signal ends us as it would have without us. */
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.release();
    this.#onExit();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
}

function endNow(pid: number): void {
  const family = terminate(pid);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let ms = 0; ms < LAST_GRACE_MS && family.some(isRunning); ms += LOOK_EVERY_MS) {
    Atomics.wait(sleeper, 0, 0, LOOK_EVERY_MS);
  }
  kill(pid, family);
}

/** A stopped process takes note of a signal only when it goes on. */
function terminate(pid: number): number[] {
  const family = familyOf(pid);
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) for (const member of family) send(member, signal);
  return family;
}

/** Those told to end that have not, and what they have started since. */
function kill(pid: number, family: readonly number[]): void {
  for (const member of new Set([...family.filter(isRunning), ...familyOf(pid)])) send(member, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
