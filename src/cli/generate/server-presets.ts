import type { FirewallKind } from '../../generate/firewall-commands.ts';
import { FIREWALL_FILES } from '../../generate/firewall-instructions.ts';
import { knockdConf } from '../../generate/knockd-conf.ts';
import { nftDoor } from '../../generate/nft-door.ts';
import type { oneTimeSequences } from '../../generate/one-time-list.ts';
import { knockdDoor, nftKnocks } from '../../generate/server-door.ts';
import type { Step } from '../../plan/sequence.ts';
import type { DoorFile } from '../config/client-files.ts';
import type { DoorStep } from './door-files.ts';
import { firewallFiles, folderFile, serverFile } from './server-files.ts';

/** The values of --server. */
export const SERVERS = ['knockd', 'nftables'] as const;

/** What a preset is to set up. */
export interface ServerWish {
  /** The hidden TCP port. */
  readonly port: number;
  /** The firewall that closes the whole server; undefined: only the port is hidden. */
  readonly firewall?: FirewallKind;
  /** Ports that stay open for everybody. */
  readonly allow: readonly Step[];
  /** The network interface of knockd. */
  readonly interface?: string;
}

/** The secret of a door. */
export interface DoorSecret {
  readonly open: { readonly steps: readonly Step[] } | ReturnType<typeof oneTimeSequences>;
  readonly closeSteps?: readonly Step[];
}

/** What a server that knows a sequence consists of. fwknopd, which knows keys: generate-spa.ts. */
interface ServerPreset {
  /** Lines for the client's knock_config. */
  readonly clientLines: readonly string[];
  /** Whether it marks a used sequence, as --one-time needs. */
  readonly marksUsed: boolean;
  /** The part of its configuration that install.sh, which has a function for each preset, completes. */
  readonly scriptPart: (plan: Parameters<typeof knockdDoor>[0]) => DoorFile;
  /** Files to load by hand. @throws KnockproxyError (exit status 2) for what it cannot do. */
  readonly files: (wish: ServerWish, secret: DoorSecret) => DoorFile[];
  /** What to do once they are in place. */
  readonly start: readonly DoorStep[];
}

/** knockd's seq_timeout, in seconds. */
export const SEQ_TIMEOUT_S = 10;
/** Writable for knockd's unit despite ProtectSystem. */
const SERVER_ONE_TIME_FILE = '/var/lib/knockd/one-time';

export const SERVER_PRESETS: Readonly<Record<(typeof SERVERS)[number], ServerPreset>> = {
  knockd: {
    clientLines: [`KnockSequenceTimeout ${SEQ_TIMEOUT_S}`],
    marksUsed: true,
    scriptPart: (plan) => folderFile('knockd.conf', knockdDoor(plan)),
    files: knockdFiles,
    start: [
      {
        side: 'server',
        what: 'start knockd',
        command: 'systemctl enable knockd && systemctl restart knockd',
      },
    ],
  },
  nftables: {
    clientLines: [],
    marksUsed: false,
    scriptPart: (plan) => folderFile('knocks.nft', nftKnocks(plan)),
    files: nftablesFiles,
    start: [],
  },
};

function knockdFiles(wish: ServerWish, { open, closeSteps }: DoorSecret): DoorFile[] {
  const { port, firewall = 'iptables', allow, interface: device } = wish;
  const conf = knockdConf({
    open: 'text' in open ? { oneTimeFile: SERVER_ONE_TIME_FILE, pool: open.pool } : open,
    port,
    firewall,
    seqTimeoutS: SEQ_TIMEOUT_S,
    ...(closeSteps && { closeSteps }),
    ...(device !== undefined && { interface: device }),
  });
  return [
    serverFile('knockd.conf', conf, '/etc/knockd.conf'),
    ...('text' in open ? [serverFile('one-time', open.text, SERVER_ONE_TIME_FILE)] : []),
    ...firewallFiles(firewall, allow),
  ];
}

function nftablesFiles({ port, allow }: ServerWish, { open, closeSteps }: DoorSecret): DoorFile[] {
  const steps = 'steps' in open ? open.steps : [];
  const text = nftDoor({ steps, port, allow, ...(closeSteps && { closeSteps }) });
  return [serverFile(FIREWALL_FILES.nft, text, FIREWALL_FILES.nft)];
}
