import type { Step } from '../plan/sequence.ts';
import { allowedPorts } from './base-rules.ts';
import type { FirewallKind } from './firewall-commands.ts';
import script from './install.sh';

/** What install.sh is to set up. */
export interface ServerSettings {
  /** Whose secret it is: a letter, then letters, digits and `_`. */
  readonly client: string;
  /** The hidden TCP port. */
  readonly port: number;
  /** What hears the knocks: knockd, rules of nftables alone, or fwknopd. */
  readonly kind: 'knockd' | 'nftables' | 'spa';
  /** Seconds a door stays open. */
  readonly openS: number;
  /** What the daemon listens on; undefined: where the login comes in that runs the script. */
  readonly interface?: string;
  /** Closes the whole machine but `allow` and the door, by these rules; undefined: only the port is hidden. */
  readonly closeAll?: { readonly by: FirewallKind; readonly allow: readonly Step[] };
  /** The command that proves the door, for the client's shell. */
  readonly login: string;
  /** Adds a secret to a door that must be there. */
  readonly isRotation?: boolean;
}

/** install.sh, the same for every door. */
export function installScript(): string {
  return script;
}

/** door.conf, which install.sh reads: lines KEY=VALUE. */
export function doorConf(settings: ServerSettings): string {
  const { client, port, kind, openS, closeAll, login } = settings;
  const allow = (['tcp', 'udp'] as const).flatMap((protocol) =>
    allowedPorts(closeAll?.allow ?? [], protocol).map((each) => `${each}:${protocol}`),
  );
  const lines = [
    `CLIENT=${client}`,
    `PORT=${port}`,
    `KIND=${kind}`,
    `OPEN_S=${openS}`,
    ...(settings.interface === undefined ? [] : [`INTERFACE=${settings.interface}`]),
    ...(closeAll === undefined
      ? []
      : ['CLOSE_ALL=yes', `FIREWALL=${closeAll.by}`, `ALLOW=${allow.join(' ')}`]),
    ...(settings.isRotation ? ['ROTATE=yes'] : []),
    `LOGIN=${login}`,
  ];
  return `${lines.join('\n')}\n`;
}
