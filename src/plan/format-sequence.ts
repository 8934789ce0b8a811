import type { Step } from './sequence.ts';

/**
 * Formats a sequence: `knockd` for knockd.conf and KnockSequence (`7000:tcp,8000:udp`), `knock` for the arguments of
 * knock(1) (`7000:tcp 8000:udp`). parseSequence() reads both.
 */
export function formatSequence(steps: readonly Step[], form: 'knockd' | 'knock' = 'knockd'): string {
  return steps.map(({ port, protocol }) => `${port}:${protocol}`).join(form === 'knockd' ? ',' : ' ');
}
