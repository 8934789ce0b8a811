import { readFile } from 'node:fs/promises';

/** The kernel's table of IPv4 neighbours (proc(5)). */
const ARP_TABLE = '/proc/net/arp';
/** net/if_arp.h: ATF_COM, the hardware address is known. */
const COMPLETE = 0x02;

/**
 * Whether this machine has asked its own network for an IPv4 address, and nothing has answered. The answer counts after
 * the first packets to it. Sends nothing.
 *
 * @returns false where that is not known: the address is behind a router, an IPv6 address, another system than Linux.
 */
export async function isMissingNeighbour(address: string, file = ARP_TABLE): Promise<boolean> {
  const table = await readFile(file, 'latin1').catch(() => '');
  const entries = table
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([ip]) => ip === address);
  return entries.length > 0 && entries.every(([, , flags]) => (Number(flags) & COMPLETE) === 0);
}
