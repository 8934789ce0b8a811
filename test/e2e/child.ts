import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '../netns/index.ts';

/** A running child and what it has said so far. */
export class Heard {
  stdout = '';
  stderr = '';
  private readonly closed: Promise<unknown>;

  /** Must be made in the tick of the spawn, so that nothing is missed. */
  constructor(readonly child: ChildProcessWithoutNullStreams) {
    this.closed = once(child, 'close');
    child.stdin.on('error', () => {}); // it may end without reading
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (data: string) => {
        this[name] += data;
      });
    }
  }

  /** Waits until it has written a text to stdout; throws with its stderr when that does not come. */
  async says(text: string): Promise<void> {
    await waitFor(text, () => this.stdout.includes(text), 10_000).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.stderr}`, { cause: error });
    });
  }

  /** Waits for its end, that of both its output streams included. */
  async end(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    await this.closed;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }
}
