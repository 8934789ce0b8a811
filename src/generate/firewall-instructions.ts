/** The file names in the steps; `generate --out` writes these files. */
export const FIREWALL_FILES = { 4: 'iptables.rules', 6: 'ip6tables.rules', nft: 'knockproxy.nft' } as const;

/** Seconds after which an unconfirmed firewall is undone. */
const UNDO_S = 180;

/**
 * The steps for loading the firewall over the network without a lockout, as comment lines.
 * Commands are in lines that begin with `#      `, seven columns, so that a test can run them.
 */
export function iptablesLoading(): string[] {
  const undo = 'sleep UNDO; iptables-restore </root/undo.v4; ip6tables-restore </root/undo.v6';
  return loading([
    'schedule a restore of the old rules in 3 minutes:',
    '  iptables-save -t filter >/root/undo.v4; ip6tables-save -t filter >/root/undo.v6',
    `  setsid -f sh -c '${undo}' </dev/null >/dev/null 2>&1`,
    'load both families (--noflush: only INPUT is replaced; Docker and the like keep their chains):',
    `  iptables-restore --noflush <${FIREWALL_FILES[4]}; ip6tables-restore --noflush <${FIREWALL_FILES[6]}`,
    'log in through the door from a second terminal',
    'if that works, keep it (if not, wait for the old rules to be restored)',
    '  rm /root/undo.v4 /root/undo.v6',
    'to keep the door closed after a reboot: netfilter-persistent save (Debian: iptables-persistent)',
  ]);
}

export function nftLoading(): string[] {
  return loading([
    'schedule the deletion of the table in 3 minutes:',
    '  touch /root/undo.nft',
    "  setsid -f sh -c 'sleep UNDO; test -e /root/undo.nft && nft delete table inet knockproxy' </dev/null >/dev/null 2>&1",
    'load it (only the table inet knockproxy is replaced; your other tables stay in effect):',
    `  nft -f ${FIREWALL_FILES.nft}`,
    'log in through the door from a second terminal',
    'if that works, keep it (if not, wait for the table to be deleted)',
    '  rm /root/undo.nft',
    'to keep the door closed after a reboot: include this file in /etc/nftables.conf',
  ]);
}

/** Numbers the steps; a line that begins with two blanks is a command of the previous step. */
function loading(lines: readonly string[]): string[] {
  let step = 1;
  const numbered = lines.map((line) => {
    if (line.startsWith('  ')) return `#      ${line.trim().replace('UNDO', String(UNDO_S))}`;
    step += 1;
    return `#   ${step}. ${line}`;
  });
  return [
    '# To load this over the network without locking yourself out, as root:',
    '#   1. stay logged in here until the last step',
    ...numbered,
  ];
}
