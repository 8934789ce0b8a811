import { parseSshTime } from '../../config/ssh-values.ts';
import { sleep } from '../../util/clock.ts';
import { usageError } from '../../util/errors.ts';
import { exitNow } from '../../util/exit.ts';
import { errorLines, type Log, printable, toKnockproxyError } from '../../util/log.ts';

/** Shorter intervals would burden the server and look like a scan. */
const LEAST_S = 10;
const MOST_S = 7 * 86_400;
/** How often to look at the clock and for the parent process. */
const POLL_MS = 1000;

/** The value of --every in milliseconds. @throws KnockproxyError (exit status 2) */
export function readInterval(text: string): number {
  const seconds = parseSshTime(text) ?? 0;
  if (seconds >= LEAST_S && seconds <= MOST_S) return 1000 * seconds;
  throw usageError(`--every '${printable(text)}' is not a time from 10s to 1w, such as 90, 5m or 1h30m`);
}

/**
 * Does something now and each `everyMs` of wall-clock time; after a suspend, as soon as it is overdue. Exits with 0 on
 * SIGINT, SIGTERM or SIGHUP and when the parent process is gone. A later failure is reported once, until it succeeds again.
 *
 * @throws what the first `work` throws.
 */
export async function repeat(work: () => Promise<void>, everyMs: number, report: Log): Promise<never> {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => exitNow(0));
  const parent = process.ppid;
  await work();
  let reported = '';
  for (let startedMs = Date.now(); ; ) {
    await sleep(POLL_MS);
    if (process.ppid !== parent) exitNow(0);
    const passedMs = Date.now() - startedMs;
    if (passedMs >= 0 && passedMs < everyMs) continue;
    startedMs = Date.now();
    try {
      await work();
      reported = '';
    } catch (cause) {
      const error = toKnockproxyError(cause);
      const [message = ''] = errorLines(error);
      if (message !== reported) report.error(error);
      reported = message;
    }
  }
}
