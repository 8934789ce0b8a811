import type { Host } from './host.ts';

/**
 * Counts what reaches a host before any firewall: TCP packets with only SYN set, and UDP packets, by destination port.
 * The table is the bed's own: no flush of a door's rules touches it.
 */
export const COUNTER_RULES = `table inet knockproxy_count {
  set arrived_syn { type inet_service; flags dynamic; counter; size 65535; }
  set arrived_udp { type inet_service; flags dynamic; counter; size 65535; }
  chain arrived {
    type filter hook prerouting priority -450; policy accept;
    tcp flags & (fin | syn | rst | ack) == syn add @arrived_syn { tcp dport }
    meta l4proto udp add @arrived_udp { udp dport }
  }
}
`;

/** Packets by destination port; a port never hit is absent. */
export interface ArrivalCounts {
  syn: Map<number, number>;
  udp: Map<number, number>;
}

export async function readCounters(host: Host): Promise<ArrivalCounts> {
  const [syn, udp] = await Promise.all([readSet(host, 'arrived_syn'), readSet(host, 'arrived_udp')]);
  return { syn, udp };
}

async function readSet(host: Host, name: string): Promise<Map<number, number>> {
  const { stdout } = await host.must('nft', ['-j', 'list', 'set', 'inet', 'knockproxy_count', name]);
  const listed = JSON.parse(stdout).nftables.find((item: { set?: unknown }) => item.set).set;
  const elements: { elem: { val: number; counter: { packets: number } } }[] = listed.elem ?? [];
  return new Map(elements.map(({ elem }) => [elem.val, elem.counter.packets]));
}
