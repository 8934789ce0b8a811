const NEW = '-A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW';

/**
 * INPUT rules that limit new connections to port 22 and decide nothing else. All count each SYN that reaches them, one
 * that a later rule drops included.
 */

/** The `recent` match: of the SYNs of one address in 60 s, number `hitcount` and all further ones are dropped. */
export function recentLimit(hitcount: number): string[] {
  return [
    `${NEW} -m recent --set --name SSH`,
    `${NEW} -m recent --update --seconds 60 --hitcount ${hitcount} --name SSH -j DROP`,
  ];
}

/** A bucket of 5 SYNs an address (hashlimit's default burst), refilled by one in 12 s. */
export function hashLimit(): string[] {
  const how = '--hashlimit-above 5/min --hashlimit-mode srcip --hashlimit-name ssh';
  return [`${NEW} -m hashlimit ${how} -j DROP`];
}

/** At most two connections of an address at a time: iptables-extensions(8), example of connlimit. */
export function connectionLimit(): string[] {
  return [`${NEW} -m connlimit --connlimit-above 2 -j REJECT --reject-with tcp-reset`];
}

/**
 * RouterOS' bruteforce prevention: each new connection within a minute of the last one moves the address a stage on,
 * and the fourth puts it on the blacklist. `add-src-to-address-list` lets the packet pass on, as a rule without a
 * target does.
 */
export function threeStages(): string[] {
  const within = (stage: number) => `${NEW} -m recent --name ssh_stage${stage} --rcheck --seconds 60`;
  return [
    `${NEW} -m recent --name ssh_blacklist --rcheck -j DROP`,
    `${within(3)} -m recent --name ssh_blacklist --set`,
    `${within(2)} -m recent --name ssh_stage3 --set`,
    `${within(1)} -m recent --name ssh_stage2 --set`,
    `${NEW} -m recent --name ssh_stage1 --set`,
  ];
}

/** nftables: a dynamic set with a bucket of 5 SYNs an address, refilled by one in 12 s, in a chain of that priority. */
export function nftMeterTable(priority: number): string {
  return `table inet knockproxy_meter {
  set ssh_meter { type ipv4_addr; flags dynamic; timeout 1m; size 65535; }
  chain input {
    type filter hook input priority ${priority}; policy accept;
    tcp dport 22 ct state new update @ssh_meter { ip saddr limit rate over 5/minute } drop
  }
}
`;
}
