import type { Step } from '../plan/sequence.ts';
import { allowedPorts, iptablesBase, nftAllow, nftBase } from './base-rules.ts';
import { iptablesLoading, nftLoading } from './firewall-instructions.ts';
import { nftInputChain, nftSet, nftTable, OPEN_SETS } from './nft-table.ts';

export interface FirewallOptions {
  /** Ports that stay open for everybody. */
  readonly allow?: readonly Step[];
}

/**
 * A file for iptables-restore (family 4) or ip6tables-restore (6) that replaces INPUT: it accepts lo, known connections, what
 * keeps the machine on its network, and `allow`, and drops the rest without an answer. FORWARD and OUTPUT are unchanged
 * if it is loaded with --noflush. knockd's start command inserts its rule first.
 *
 * @throws KnockproxyError (exit status 2) for a port out of range.
 */
export function iptablesFirewall(family: 4 | 6, { allow = [] }: FirewallOptions = {}): string {
  const open = (['tcp', 'udp'] as const).flatMap((protocol) =>
    allowedPorts(allow, protocol).map((port) => `-p ${protocol} --dport ${port} -j ACCEPT`),
  );
  const rules = [...iptablesBase(family), ...open].map((rule) => `-A INPUT ${rule}`);
  return [
    `# IPv${family} firewall for a knocked door, by knockproxy; for ${family === 4 ? 'iptables' : 'ip6tables'}-restore.`,
    ...iptablesLoading(),
    '*filter',
    ':INPUT DROP [0:0]',
    '-F INPUT',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

/**
 * The same for both families as a file for `nft -f`. The sets `open_v4` and `open_v6`, which the nft commands of knockdConf()
 * fill, contain the addresses with the TCP ports that are open for them.
 *
 * @throws KnockproxyError (exit status 2) for a port out of range.
 */
export function nftablesFirewall({ allow = [] }: FirewallOptions = {}): string {
  const table = nftTable([
    nftSet(OPEN_SETS[4], 'ipv4_addr . inet_service', 'timeout'),
    nftSet(OPEN_SETS[6], 'ipv6_addr . inet_service', 'timeout'),
    nftInputChain([
      ...nftBase(),
      ...nftAllow(allow),
      `ip saddr . tcp dport @${OPEN_SETS[4]} accept`,
      `ip6 saddr . tcp dport @${OPEN_SETS[6]} accept`,
    ]),
  ]);
  return ['# Firewall for a knocked door, by knockproxy; for nft -f.', ...nftLoading(), table].join('\n');
}
