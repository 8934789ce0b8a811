import { openElement } from './nft-table.ts';

export type FirewallKind = 'iptables' | 'nftables';

/** The shell commands by which knockd opens and closes one port for one address, `%IP%`. */
export interface OpenCommands {
  readonly start: string;
  /** Runs after cmd_timeout. undefined: the door closes by itself, or never. */
  readonly stop: string | undefined;
  /** Run by a close sequence. */
  readonly close: string;
}

/**
 * - iptables: one rule for each opening, inserted first; stop and close delete one each. `-w` waits for another
 *   iptables: without it the classic iptables fails when two run at once, and the door stays shut. The stop command
 *   waits in a child of knockd's (process_attempt): a restart of the service may end it, and the door stays open.
 * - nftables: one element in the set of nftablesFirewall(); the kernel removes it after
 *   `openS`. Adding an existing element would keep its old timeout: it is deleted and added in one transaction.
 *
 * @param port the hidden TCP port, 1-65535.
 * @param openS seconds until the door closes by itself, 0: never.
 */
export function openCommands(
  kind: FirewallKind,
  family: 4 | 6,
  { port, openS }: { port: number; openS: number },
): OpenCommands {
  return kind === 'iptables' ? iptables(family, port, openS) : nftables(family, port, openS);
}

/** `/sbin` holds, or leads to, iptables on Debian, Fedora, Arch and Alpine alike. */
function iptables(family: 4 | 6, port: number, openS: number): OpenCommands {
  const program = family === 4 ? '/sbin/iptables -w' : '/sbin/ip6tables -w';
  const rule = `-s %IP% -p tcp --dport ${port} -j ACCEPT`;
  const remove = `${program} -D INPUT ${rule}`;
  return { start: `${program} -I INPUT 1 ${rule}`, stop: openS > 0 ? remove : undefined, close: remove };
}

function nftables(family: 4 | 6, port: number, openS: number): OpenCommands {
  const element = (timeout: string) => openElement(family, `%IP% . ${port}${timeout}`);
  const forget = `add ${element('')}; delete ${element('')}`;
  const add = `add ${element(openS > 0 ? ` timeout ${openS}s` : '')}`;
  return {
    start: `/usr/sbin/nft '${forget}; ${add}'`,
    stop: undefined,
    close: `/usr/sbin/nft '${forget}'`,
  };
}
