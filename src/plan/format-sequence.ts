import type { Step } from './sequence.ts';

/**
 * Formats a sequence: `knockd` for knockd.conf and KnockSequence (`7000:tcp,8000:udp`), `knock` for the arguments of
 * knock(1) (`7000:tcp 8000:udp`). parseSequence() reads both.
 */
export function formatSequence(steps: readonly Step[], form: 'knockd' | 'knock' = 'knockd'): string {
  return steps.map(formatStep).join(form === 'knockd' ? ',' : ' ');
}

/** One step; an ICMP echo request has no port, and its data is a size. */
export function formatStep({ port, protocol, data }: Step): string {
  if (protocol === 'icmp' && port === 0)
    return data === undefined ? 'icmp' : `icmp:${data.replace(/^size=/i, '')}`;
  return data === undefined ? `${port}:${protocol}` : `${port}:${protocol}:${data}`;
}
