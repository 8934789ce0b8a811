import type { History } from './history.ts';

/** Openings that show a clean line. */
const CLEAN_OPENINGS = 3;
/** Failed attempts, and their share, that show a lossy one. */
const LOSSY_FAILURES = 3;
const LOSSY_SHARE = 0.25;

export function isClean({ tries, openedAt }: History): boolean {
  return openedAt > 0 && tries.length >= CLEAN_OPENINGS && tries.every(({ opened }) => opened);
}

export function isLossy(history: History): boolean {
  const failures = countFailures(history);
  return failures >= LOSSY_FAILURES && failures >= LOSSY_SHARE * history.tries.length;
}

/** Attempts without an answer. */
export function countFailures({ tries }: History): number {
  return tries.filter(({ opened }) => !opened).length;
}
