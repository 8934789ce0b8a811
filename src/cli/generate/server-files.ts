import { iptablesFirewall, nftablesFirewall } from '../../generate/firewall.ts';
import type { FirewallKind } from '../../generate/firewall-commands.ts';
import { FIREWALL_FILES } from '../../generate/firewall-instructions.ts';
import type { Step } from '../../plan/sequence.ts';
import type { DoorFile } from '../config/client-files.ts';

/** A file of the folder that is copied to the server. */
export function folderFile(name: string, text: string): DoorFile {
  return { side: 'server', name, path: `door/${name}`, text };
}

/** A file to put in its place by hand. */
export function serverFile(name: string, text: string, path: string): DoorFile {
  return { side: 'server', name, text, path };
}

/** The firewall of a door with a daemon, for both address families. */
export function firewallFiles(kind: FirewallKind, allow: readonly Step[]): DoorFile[] {
  if (kind === 'nftables') {
    return [serverFile(FIREWALL_FILES.nft, nftablesFirewall({ allow }), FIREWALL_FILES.nft)];
  }
  return ([4, 6] as const).map((family) =>
    serverFile(FIREWALL_FILES[family], iptablesFirewall(family, { allow }), FIREWALL_FILES[family]),
  );
}
