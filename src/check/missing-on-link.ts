import { isMissingNeighbour } from '../network/neighbour.ts';
import type { Target } from '../network/resolve.ts';
import { runProgram } from '../processes/run-program.ts';

const LIMITS = { timeMs: 1000, outputBytes: 10_000 };

/** Like isMissingNeighbour(), and of IPv6 what ip(8) says, where it is installed. */
export async function isMissingOnLink({ address, family }: Target): Promise<boolean> {
  if (family === 4) return isMissingNeighbour(address);
  const ending = await runProgram(['ip', '-6', 'neigh', 'show', 'to', address], LIMITS, { LC_ALL: 'C' });
  const entries = ending.output.split('\n').filter((line) => line !== '');
  return entries.length > 0 && entries.every((entry) => /\b(FAILED|INCOMPLETE)\b/.test(entry));
}
