import { DEBIAN_KNOCKD_CONF, DEBIAN_SEQUENCE, type Server, type Ufw } from '../netns/index.ts';
import type { Limiter } from './limiters.ts';

/** Where a door stands: its rule before or behind the limit on port 22. */
export interface DoorKind {
  readonly name: string;
  /** The door's rule decides first. */
  readonly doorFirst: boolean;
  /** Sets up the firewall with the limit, and the door; the result shuts it and leaves the limit's counts alone. */
  readonly start: (server: Server, limiter: Limiter) => Promise<Shut>;
}

/** Shuts the door behind a login from that address. */
export type Shut = (ip: string) => Promise<void>;

export const SEQUENCE = DEBIAN_SEQUENCE;

/** Other firewalls' chains have priority 0. */
const IN_FRONT = -10;
const BEHIND = 10;

/** Debian's stock knockd.conf: the rule is appended, behind the limit. */
const KNOCKD_APPENDS = knockdDoor('knockd -A', false, DEBIAN_KNOCKD_CONF);
const KNOCKD_INSERTS = knockdDoor('knockd -I', true, DEBIAN_KNOCKD_CONF.replaceAll('-A INPUT', '-I INPUT 1'));

/** ufw's limit is the door's own rule: whoever has knocked may connect, within the limit. */
export const KNOCKD_UFW: DoorKind = {
  name: 'knockd adds it',
  doorFirst: true,
  async start(server) {
    const ufw = await server.ufw();
    await ufw.run('limit', '2222/tcp'); // ufw's counts are in one list, which lasts as long as a rule names it
    const rule = (ip: string) => `limit proto tcp from ${ip} to any port 22`;
    const conf = DEBIAN_KNOCKD_CONF.replace(/^ *start_command_6.*\n/gm, '')
      .replace(/\S*iptables -A .*/, `${ufw.command} ${rule('%IP%')}`)
      .replace(/\S*iptables -D .*/, `${ufw.command} delete ${rule('%IP%')}`);
    await server.knockd(conf);
    return (ip) => ufw.run('delete', ...rule(ip).split(' '));
  },
};

export const NFT_DOORS: readonly DoorKind[] = [
  nftDoor('nft in front', IN_FRONT),
  nftDoor('nft behind', BEHIND),
];

export const DOORS: readonly DoorKind[] = [KNOCKD_APPENDS, KNOCKD_INSERTS, ...NFT_DOORS];

function knockdDoor(name: string, doorFirst: boolean, conf: string): DoorKind {
  return {
    name,
    doorFirst,
    async start(server, { input = [] }) {
      await server.firewall.limited(input);
      await server.knockd(conf);
      const remove = 'while iptables -w -D INPUT -s "$0" -p tcp --dport 22 -j ACCEPT; do :; done 2>/dev/null';
      return async (ip) => {
        await server.must('sh', ['-c', remove, ip]);
      };
    },
  };
}

/** In a table of its own, beside the firewall that limits. */
function nftDoor(name: string, priority: number): DoorKind {
  return {
    name,
    doorFirst: priority < 0,
    async start(server, { input = [], ufw }) {
      if (ufw) await limitedByUfw(await server.ufw());
      else await server.firewall.limited(input, 'ACCEPT');
      await server.firewall.addNft(SEQUENCE, { priority });
      return () => server.firewall.shutNft(SEQUENCE);
    },
  };
}

async function limitedByUfw(ufw: Ufw): Promise<void> {
  await ufw.run('limit', '22/tcp');
  // ufw drops knocks too; sets that stand behind it would never see them
  for (const step of SEQUENCE) await ufw.run('allow', step.replace(':', '/'));
}
