import os from 'node:os';

/** Somebody ended the demo, at the terminal or by kill(1). */
export class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
  }

  /** The exit status a shell gives for this signal. */
  get status(): number {
    return 128 + os.constants.signals[this.signal];
  }
}

/** Rejects at Ctrl-C and the like, and at any error outside the story, so that everything is always cleaned up. */
export function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => reject(new Interrupted(signal)));
    }
    process.on('uncaughtException', reject);
  });
}
