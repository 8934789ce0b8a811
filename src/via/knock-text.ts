import type { Step } from '../plan/sequence.ts';
import { bytesOf, echoSize } from '../plan/step-data.ts';
import { shellQuote } from '../util/text.ts';

/**
 * The line that makes knock.sh send a sequence once.
 *
 * @param host a name that checkHost() has accepted: it is resolved where the knocks are sent from.
 * @param delayMs the pause between two knocks, an integer. Where only bash or nc can send, at least 100 ms.
 */
export function knockLine(host: string, steps: readonly Step[], delayMs: number): string {
  const lines = [`${host} ${delayMs}`, ...steps.map(stepLine)].map(shellQuote);
  return `lines ${lines.join(' ')} | knock\n`;
}

/** The line that makes knock.sh print the addresses of a host. @param host as for knockLine. */
export function addressesLine(host: string): string {
  return `addresses ${shellQuote(host)}\n`;
}

function stepLine({ protocol, port, data, payload }: Step): string {
  if (protocol === 'icmp') return `icmp ${echoSize(data)}`;
  if (protocol === 'tcp') return `tcp ${port}`;
  const bytes = payload?.() ?? (data === undefined ? [0] : bytesOf(data));
  return `udp ${port} ${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}`;
}
