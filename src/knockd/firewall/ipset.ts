import { type Change, change } from './change.ts';
import { type RulePorts, readPorts, transport, UNKNOWN_PORTS } from './ports.ts';

/** Reads the arguments of ipset, or the lines of `ipset restore`. */
export function readIpset(words: readonly string[], program: string, stdin = ''): Change[] {
  const plain = words.filter((word) => !/^(-!|-exist|--?q(uiet)?)$/.test(word));
  const [action = '', set = '', entry = ''] = plain;
  if (/^(-R|--?restore|restore|-)$/.test(action)) {
    return stdin
      .split('\n')
      .flatMap((line) => (line.trim() === '' ? [] : readIpset(line.trim().split(/\s+/), program)));
  }
  if (/^(-F|--?flush|flush)$/.test(action)) return [change({ adds: false }, `ipset ${set} *`)];
  const adds = /^(-A|(--)?add)$/.test(action);
  if ((!adds && !/^(-D|(--)?del(ete)?)$/.test(action)) || entry === '') return [];
  return [change({ adds }, `ipset ${set} ${entry}`, [portsOf(entry)])];
}

/** `192.0.2.1,tcp:22`, `192.0.2.1,22` for tcp, or the port alone. */
function portsOf(entry: string): RulePorts {
  for (const part of entry.split(',')) {
    const [, protocol = 'tcp', port] =
      /^(?:(tcp|udp|sctp|udplite):)?(\d+(?:-\d+)?|[a-z-]+)$/.exec(part) ?? [];
    if (port !== undefined && !/^(eth|en|wl|ppp|tun|br|lo)/.test(port)) return readPorts(port, protocol);
    const other = /^(tcp|udp):/.exec(part)?.[1];
    if (other !== undefined) return { ...UNKNOWN_PORTS, protocol: transport(other) };
  }
  return UNKNOWN_PORTS;
}
