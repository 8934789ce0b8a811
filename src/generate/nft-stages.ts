import { isBeyondKnockd, type Step } from '../plan/sequence.ts';
import { bytesOf, echoSize } from '../plan/step-data.ts';
import { nftChain, nftSet } from './nft-table.ts';

export const FAMILIES = [4, 6] as const;

/** One sequence as nftables sets and chains; its names begin with `name`. */
export interface StageTrack {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The longest time between two steps, in seconds. */
  readonly stageS: number;
  /** Statements of the last step, each for both families before the next one. */
  readonly last: readonly ((family: 4 | 6) => string)[];
  /** What becomes of a knock: `drop`, or `return` to whatever other rules there are. */
  readonly verdict: 'drop' | 'return';
}

/** The source address. In a table of both families a rule with it matches only packets of its family. */
export function saddr(family: 4 | 6): string {
  return family === 4 ? 'ip saddr' : 'ip6 saddr';
}

/** For each step but the last, the addresses that have sent it. */
export function stageSets({ name, steps, stageS }: StageTrack): string[] {
  const flags = `dynamic,timeout; timeout ${stageS}s`;
  return steps
    .slice(1)
    .flatMap((_, n) => FAMILIES.map((v) => nftSet(stage(name, n + 1, v), `ipv${v}_addr`, flags)));
}

/** Resets a sender. One rule per set, because a rule ends if there is nothing to delete. */
export function wrongChain({ name, steps, verdict }: StageTrack): string {
  const rules = FAMILIES.flatMap((v) =>
    steps.slice(1).map((_, n) => `delete @${stage(name, n + 1, v)} { ${saddr(v)} }`),
  );
  return nftChain(`${name}_wrong`, [...rules, verdict]);
}

/** One chain per step: a sender that has sent the previous step advances, any other is reset. */
export function stepChains({ name, steps, last, verdict }: StageTrack): string[] {
  return steps.map((_, index) => {
    const next = (v: 4 | 6) => `update @${stage(name, index + 1, v)} { ${saddr(v)} } ${verdict}`;
    const before = (v: 4 | 6) => (index === 0 ? '' : `${saddr(v)} @${stage(name, index, v)} `);
    const statements = index === steps.length - 1 ? last : [next];
    const rules = statements.flatMap((statement) => FAMILIES.map((v) => `${before(v)}${statement(v)}`));
    return nftChain(`${name}_step${index + 1}`, [...rules, `goto ${name}_wrong`]);
  });
}

/** Rules that send each knock to its chain. Only a SYN is a TCP knock, an ACK or RST is not. */
export function dispatch(tracks: readonly StageTrack[]): string[] {
  return [
    ...vmap('tcp flags & (fin|syn|rst|ack) == syn tcp dport', tracks, 'tcp'),
    ...vmap('udp dport', tracks, 'udp'),
    ...tracks.flatMap(({ name, steps }) =>
      steps.flatMap((step, n) => matches(step).map((match) => `${match} goto ${name}_step${n + 1}`)),
    ),
  ];
}

function vmap(match: string, tracks: readonly StageTrack[], protocol: Step['protocol']): string[] {
  const targets = tracks.flatMap(({ name, steps }) =>
    steps.flatMap((step, n) =>
      step.protocol === protocol && !isBeyondKnockd(step) ? [`${step.port} : goto ${name}_step${n + 1}`] : [],
    ),
  );
  return targets.length === 0 ? [] : [`${match} vmap { ${targets.join(', ')} }`];
}

/** `meta length` counts the headers of IP (20 and 40 bytes) and ICMP (8), `udp length` that of UDP (8). */
function matches({ protocol, port, data }: Step): string[] {
  if (protocol === 'icmp') {
    const size = echoSize(data);
    return [
      `icmp type echo-request meta length ${size + 28}`,
      `icmpv6 type echo-request meta length ${size + 48}`,
    ];
  }
  if (data === undefined) return [];
  const bytes = bytesOf(data);
  return [`udp dport ${port} udp length ${bytes.length + 8}${/^size=/i.test(data) ? '' : payload(bytes)}`];
}

/** A raw match compares at most 16 bytes; the payload begins 64 bits into the UDP header. */
function payload(bytes: Buffer): string {
  const parts = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, n) =>
    bytes.subarray(16 * n, 16 * n + 16),
  );
  return parts.map((part, n) => ` @th,${64 + 128 * n},${8 * part.length} 0x${part.toString('hex')}`).join('');
}

function stage(name: string, number: number, family: 4 | 6): string {
  return `${name}${number}_v${family}`;
}
