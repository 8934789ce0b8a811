import type { Step } from '../plan/sequence.ts';
import { usageError } from '../util/errors.ts';
import { MAX_PORT } from '../util/text.ts';

/**
 * What every generated firewall accepts before it drops the rest, in the syntax of iptables and of nft:
 *
 * - loopback, and what belongs to a known connection (ICMP errors about it too: path MTU);
 * - DHCP answers: an answer to a multicast or broadcast request belongs to no known connection, and a lost
 *   lease locks out as surely as a wrong rule, only days later;
 * - IPv6: neighbour discovery and router advertisements (hop limit 255: from this link, RFC 4861 section 6.1), and
 *   multicast listener queries, without whose answers a snooping switch stops neighbour discovery (RFC 4541).
 */
export function iptablesBase(family: 4 | 6): string[] {
  const common = ['-i lo -j ACCEPT', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'];
  if (family === 4) return [...common, '-p udp --sport 67 --dport 68 -j ACCEPT'];
  const discovery = ['neighbour-solicitation', 'neighbour-advertisement', 'router-advertisement'];
  return [
    ...common,
    '-p udp -s fe80::/10 --sport 547 -d fe80::/10 --dport 546 -j ACCEPT',
    ...discovery.map((type) => `-p ipv6-icmp --icmpv6-type ${type} -m hl --hl-eq 255 -j ACCEPT`),
    `-p ipv6-icmp -s fe80::/10 --icmpv6-type ${MLD_QUERY} -j ACCEPT`,
  ];
}

/** Multicast listener query (RFC 2710 section 3.1), for which ip6tables has no name. */
const MLD_QUERY = 130;

/** The same in nft's syntax, for both families. */
export function nftBase(): string[] {
  return [
    'iifname "lo" accept',
    'ct state established,related accept',
    'meta nfproto ipv4 udp sport 67 udp dport 68 accept',
    'ip6 saddr fe80::/10 ip6 daddr fe80::/10 udp sport 547 udp dport 546 accept',
    'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } ip6 hoplimit 255 accept',
    'icmpv6 type mld-listener-query ip6 saddr fe80::/10 accept',
  ];
}

/** The allowed ports, sorted, without duplicates. */
export function allowedPorts(allow: readonly Step[], protocol: Step['protocol']): number[] {
  const ports = allow.filter((step) => step.protocol === protocol).map(({ port }) => port);
  for (const port of ports) checkPort('a port of --allow', port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** @throws KnockproxyError (exit status 2) unless it is a whole number from 1 to 65535. */
export function checkPort(name: string, port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return;
  throw usageError(`${name} is not a port number from 1 to 65535`);
}

/** `nft` rules for the allowed ports. */
export function nftAllow(allow: readonly Step[]): string[] {
  return (['tcp', 'udp'] as const).flatMap((protocol) => {
    const ports = allowedPorts(allow, protocol);
    return ports.length === 0 ? [] : [`${protocol} dport { ${ports.join(', ')} } accept`];
  });
}
