import fs from 'node:fs';
import net from 'node:net';
import { HistoryStore } from '../../coordination/history-store.ts';
import { stateFolder } from '../../coordination/state-folder.ts';

/** The host and port behind a door, as configured. */
interface OpenedPlace {
  readonly host: string;
  readonly port: number;
  readonly knockHost?: string;
}

/**
 * When a login last opened a door, without asking a name server: by the host's name, or by an address of it that this
 * machine knows.
 *
 * @returns undefined if unknown.
 */
export function lastOpened({ host, port, knockHost }: OpenedPlace): Date | undefined {
  if (!fs.existsSync(stateFolder())) return undefined;
  const state = new HistoryStore();
  const knocked = knockHost === undefined ? undefined : addressesOf(knockHost);
  const times = addressesOf(host).map((address) => {
    const family = net.isIP(address) as 4 | 6;
    const knockAddress = knocked?.find((other) => net.isIP(other) === family);
    return state.load({ address, family, port, ...(knockAddress !== undefined && { knockAddress }) })
      .openedAt;
  });
  // A login keeps the time by the host's name, too.
  const byName = state.openingOf(host, port);
  const latest = Math.max(byName, ...times);
  return latest > 0 ? new Date(latest) : undefined;
}

function addressesOf(host: string): string[] {
  if (net.isIP(host) !== 0) return [host];
  try {
    return hostsFileAddresses(fs.readFileSync('/etc/hosts', 'utf8'), host);
  } catch {
    return [];
  }
}

/** hosts(5): a line has an address and its names, which are case-insensitive. */
function hostsFileAddresses(text: string, host: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
    return names.includes(host.toLowerCase()) && net.isIP(address) !== 0 ? [address] : [];
  });
}
