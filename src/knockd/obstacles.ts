import { MAX_STEPS } from '../plan/sequence.ts';
import type { KnockdDoor } from './knockd-options.ts';

/** Why knockproxy cannot knock a section's sequence, whatever the other sections are, a line each without a port. */
export function obstacles(door: KnockdDoor): string[] {
  const { steps, oneTimeFile, seqTimeoutS, tcpFlags, target, foreign } = door;
  const wantsMore = [...tcpFlags].some(([flag, set]) => (flag === 'SYN' ? !set : set));
  const found: [boolean, string][] = [
    [steps.some(({ port }) => port === 0), 'a step is port 0, which cannot be knocked on'],
    [steps.length > MAX_STEPS, `it has more than ${MAX_STEPS} steps`],
    [steps.length > 0 && oneTimeFile !== undefined, 'it has both a sequence and a one-time file'],
    [seqTimeoutS < 1, 'its seq_timeout is 0'],
    [wantsMore && steps.some(({ protocol }) => protocol === 'tcp'), 'its tcpflags are not those of a SYN'],
    [target !== undefined, 'it expects the knocks at another address (target)'],
  ];
  return [
    ...found.filter(([applies]) => applies).map(([, reason]) => reason),
    ...foreign.map(({ name, line }) => `line ${line}: knockd 0.8 has no option ${name}`),
  ];
}
