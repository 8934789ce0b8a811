import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, RunOptions } from '../../test/netns/index.ts';
import { compiled } from './programs.ts';

/** How one command ran, measured outside of Node by stopwatch.c. */
export interface Timing {
  /** Wall clock, ms since the epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** CPU time of the command and of its children that it waited for. */
  readonly userMs: number;
  readonly systemMs: number;
  /** The largest resident memory of any of them. */
  readonly peakKiB: number;
  /** Exit code; 128 + signal. */
  readonly code: number;
}

/** Runs a command on a machine of the bed to its end. `ms` is from exec to exit. */
export async function timed(
  host: Host,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Timing & { ms: number; stdout: string; stderr: string }> {
  const { stopwatch, report, remove } = prepareStopwatch();
  try {
    const { stdout, stderr } = await host.exec(stopwatch[0], [stopwatch[1], ...argv], options);
    const timing = report();
    return { ...timing, ms: timing.endedMs - timing.startedMs, stdout, stderr };
  } finally {
    remove();
  }
}

/** The command line before a command to be timed, and what reads its report once it has ended. */
export function prepareStopwatch() {
  const folder = mkdtempSync(join(tmpdir(), 'knockproxy-stopwatch-'));
  const file = join(folder, 'report.json');
  return {
    stopwatch: [compiled('stopwatch'), file] as const,
    report: (): Timing => JSON.parse(readFileSync(file, 'utf8')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
