import { MAX_PORT } from '../../util/text.ts';

type Transport = 'tcp' | 'udp';

/** The ports that a rule lets in. */
export interface RulePorts {
  /** undefined: both, or not said. */
  readonly protocol: Transport | undefined;
  readonly ports: readonly number[];
  /** There are others that are not known: a name, a variable, a long range, a set. */
  readonly hasMore: boolean;
}

/** A longer range does not show which port a server listens on. */
const MAX_RANGE = 16;

/** Names of /etc/services, ufw's applications and firewalld's services behind which sshd or sslh may listen. */
const NAMES: Readonly<Record<string, number>> = {
  ssh: 22,
  openssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  https: 443,
};

/**
 * Reads one port, a list separated by commas or blanks, and ranges with `-` or `:`.
 *
 * @param protocol tcp or udp in any case, or 6 or 17; any other is one that ssh does not use.
 */
export function readPorts(text: string, protocol?: string): RulePorts {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const read = parts.map(readPort);
  return {
    protocol: transport(protocol),
    ports: read.flatMap((ports) => ports ?? []),
    hasMore: read.length === 0 || read.includes(undefined),
  };
}

/** For a rule whose ports are not known. */
export const UNKNOWN_PORTS: RulePorts = { protocol: undefined, ports: [], hasMore: true };

function readPort(text: string): number[] | undefined {
  const [, first, last = first] = /^(\d{1,5})(?:[-:](\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined)
    return Object.hasOwn(NAMES, text.toLowerCase()) ? [NAMES[text.toLowerCase()]!] : undefined;
  const [from, to] = [Number(first), Number(last)];
  if (from < 1 || to > MAX_PORT || to < from || to - from >= MAX_RANGE) return undefined;
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** @returns undefined for both and for none; `udp` stands for every protocol that is not TCP. */
export function transport(protocol: string | undefined): Transport | undefined {
  if (protocol === undefined || /^(all|any|0)$/i.test(protocol)) return undefined;
  return /^(tcp|6)$/i.test(protocol) ? 'tcp' : 'udp';
}
