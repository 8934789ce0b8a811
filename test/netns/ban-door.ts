import type { Step } from './doors.ts';

export interface BanDoorOptions {
  /** How long a ban lasts after the last packet that earned one, s. */
  banS?: number;
}

/**
 * An nftables table for a strict door: each packet that is not the next step, or not listed at all, bans its address,
 * and so does each during a ban but the first step. The hidden port is 22; it counts as unlisted while it is shut. The
 * table has the name of nftDoorTable()'s, so that Firewall takes it away. IPv4 only.
 */
export function banDoorTable(sequence: readonly Step[], { banS = 5 }: BanDoorOptions = {}): string {
  const last = sequence.length;
  const stages = sequence.map((_, n) => n + 1);
  const set = (name: string, timeoutS: number) =>
    `set ${name} { type ipv4_addr; flags dynamic,timeout; timeout ${timeoutS}s; size 65535; }`;
  const isIn = (stage: number) => `ip saddr @stage${stage}`;
  const rules = [
    'iif lo accept',
    'ct state established,related accept',
    `ip saddr @banned ${match(sequence[0]!)} drop`,
    'ip saddr @banned update @banned { ip saddr } drop',
    `tcp dport 22 ${isIn(last)} accept`,
    ...stages.slice(1).map((n) => `${match(sequence[n - 1]!)} ${isIn(n - 1)} ${move(n)} drop`),
    `${match(sequence[0]!)} ${stages.map((n) => `ip saddr != @stage${n}`).join(' ')} ${add(1)} drop`,
    ...stages.map((n) => `delete @stage${n} { ip saddr }`),
    'update @banned { ip saddr } drop',
  ];
  return `table inet knockproxy_door {
${[set('banned', banS), ...stages.map((n) => set(`stage${n}`, n === last ? 10 : 5))].join('\n')}
chain input { type filter hook input priority 0; policy drop;
${rules.join('\n')}
}
}
`;
}

function match(step: Step): string {
  const [port, proto] = step.split(':');
  return `${proto} dport ${port}`;
}

function move(stage: number): string {
  return `delete @stage${stage - 1} { ip saddr } ${add(stage)}`;
}

function add(stage: number): string {
  return `add @stage${stage} { ip saddr }`;
}
