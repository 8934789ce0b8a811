import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { ChildGuard } from '../processes/child-guard.ts';

/** How long ssh has after SIGTERM before it is killed. */
const GRACE_MS = 1000;

/** Called with each line of ssh's stderr. */
type OnLine = (line: string) => void;

/** One ssh, ended with this process at the latest. It has the terminal: it may ask for a password. */
export class SshProcess {
  readonly child: ChildProcess;
  /** Resolves with its exit status; -1: a signal ended it, or it could not be started. */
  readonly exited: Promise<number>;
  readonly #guard = new ChildGuard({ signals: false });

  /**
   * @param stdio of stdin, stdout and more, without stderr.
   * @param onLine called with each line of its stderr.
   */
  constructor(
    [program = '', ...words]: readonly string[],
    stdio: { readonly first: readonly ('pipe' | 'ignore')[]; readonly more?: readonly 'pipe'[] },
    env: NodeJS.ProcessEnv,
    onLine: OnLine,
  ) {
    this.child = this.#guard.guard(
      spawn(program, words, { stdio: [...stdio.first, 'pipe', ...(stdio.more ?? [])], env }),
    );
    for (const stream of this.child.stdio) stream?.on('error', () => {});
    eachLine(this.child.stderr!, onLine);
    this.exited = new Promise((resolve) => {
      this.child.on('error', () => resolve(-1)).on('exit', (status) => resolve(status ?? -1));
    });
    this.exited.then(() => this.#guard.release());
  }

  /** Lets it outlive this process. */
  release(): void {
    this.#guard.release();
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  end(): void {
    if (this.isRunning) this.#guard.end(GRACE_MS);
  }
}

export function eachLine(stream: Readable, onLine: OnLine): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
}
