/** File names that the steps in the comments use; `generate --out` writes these. */
export const FIREWALL_FILES = { 4: 'iptables.rules', 6: 'ip6tables.rules', nft: 'knockproxy.nft' } as const;

/** Seconds after which an unconfirmed firewall undoes itself. */
export const UNDO_S = 180;

/**
 * The steps, as comment lines, by which a person loads the firewall from afar without locking themselves out.
 * Commands stand in lines that begin with `#      `, seven columns, so that a test can run them.
 */
export function iptablesLoading(): string[] {
  const undo = 'sleep UNDO; iptables-restore </root/undo.v4; ip6tables-restore </root/undo.v6';
  return loading([
    'have the old rules come back by themselves in 3 minutes:',
    '  iptables-save -t filter >/root/undo.v4; ip6tables-save -t filter >/root/undo.v6',
    `  setsid -f sh -c '${undo}' </dev/null >/dev/null 2>&1`,
    'load both families (--noflush: only INPUT is replaced; Docker and the like keep their chains):',
    `  iptables-restore --noflush <${FIREWALL_FILES[4]}; ip6tables-restore --noflush <${FIREWALL_FILES[6]}`,
    'log in through the door from a second terminal',
    'it works: keep it (it does not: wait for the old rules to come back)',
    '  rm /root/undo.v4 /root/undo.v6',
    'after a reboot the door must be shut too: netfilter-persistent save (Debian: iptables-persistent)',
  ]);
}

export function nftLoading(): string[] {
  return loading([
    'have the table go away by itself in 3 minutes:',
    '  touch /root/undo.nft',
    "  setsid -f sh -c 'sleep UNDO; test -e /root/undo.nft && nft delete table inet knockproxy' </dev/null >/dev/null 2>&1",
    'load it (only the table inet knockproxy is replaced; other tables of yours still count):',
    `  nft -f ${FIREWALL_FILES.nft}`,
    'log in through the door from a second terminal',
    'it works: keep it (it does not: wait for the table to go away)',
    '  rm /root/undo.nft',
    'after a reboot the door must be shut too: include this file in /etc/nftables.conf',
  ]);
}

/** Numbers the steps; a line that begins with two blanks is a command of the step before it. */
function loading(lines: readonly string[]): string[] {
  let step = 1;
  const numbered = lines.map((line) => {
    if (line.startsWith('  ')) return `#      ${line.trim().replace('UNDO', String(UNDO_S))}`;
    step += 1;
    return `#   ${step}. ${line}`;
  });
  return [
    '# To load this over the network without locking yourself out, as root:',
    '#   1. stay logged in here to the end',
    ...numbered,
  ];
}
