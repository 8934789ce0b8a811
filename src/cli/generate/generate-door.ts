import { iptablesFirewall, nftablesFirewall } from '../../generate/firewall.ts';
import type { FirewallKind } from '../../generate/firewall-commands.ts';
import { FIREWALL_FILES } from '../../generate/firewall-instructions.ts';
import { installScript } from '../../generate/install-script.ts';
import { knockdConf } from '../../generate/knockd-conf.ts';
import { nftDoor } from '../../generate/nft-door.ts';
import { oneTimeSequences } from '../../generate/one-time-list.ts';
import { type RandomInteger, randomSequence, type SequenceOptions } from '../../generate/random-sequence.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import type { Step } from '../../plan/sequence.ts';
import type { DoorFile } from '../config/client-files.ts';
import { type ClientSide, clientFiles } from '../config/client-files.ts';
import type { DoorFiles, DoorStep } from './door-files.ts';

/** The options of a new door, without its secret. */
export interface DoorOptions {
  readonly host: string | undefined;
  /** The hidden TCP port. */
  readonly port: number;
  /** The knock daemon, or nftables alone. */
  readonly server: 'knockd' | 'nftables';
  readonly firewall: FirewallKind;
  /** Ports that stay open for everybody. */
  readonly allow: readonly Step[];
  /** The network interface of knockd. */
  readonly interface?: string;
  readonly sequence: SequenceOptions;
  readonly close: boolean;
  /** The number of lines of a one-time file; undefined: a fixed sequence. */
  readonly oneTime?: number;
}

/** The secret of a door. */
export interface DoorSecret {
  readonly open: { readonly steps: readonly Step[] } | ReturnType<typeof oneTimeSequences>;
  readonly closeSteps?: readonly Step[];
}

/** Writable for knockd's unit despite ProtectSystem. */
const SERVER_ONE_TIME_FILE = '/var/lib/knockd/one-time';
/** A knock on port 22 would look like a failed login to another sshd of the server. */
const SSH_PORT = 22;
/** knockd's seq_timeout, in seconds. */
const SEQ_TIMEOUT_S = 10;

/**
 * Generates the sequences. They avoid port 22, the hidden port, the allowed ports, and each other's ports.
 *
 * @throws KnockproxyError (exit status 2) if the options leave too few ports.
 */
export function drawSecret(wish: DoorOptions, random: RandomInteger): DoorSecret {
  const exclude = [wish.port, SSH_PORT, ...wish.allow.map(({ port }) => port)];
  const closeSteps = wish.close ? randomSequence(random, { ...wish.sequence, exclude }) : undefined;
  const options = { ...wish.sequence, exclude: [...exclude, ...(closeSteps ?? []).map(({ port }) => port)] };
  const open =
    wish.oneTime === undefined
      ? { steps: randomSequence(random, options) }
      : oneTimeSequences(random, wish.oneTime, options);
  return { open, ...(closeSteps && { closeSteps }) };
}

/** Both ends of a door with a sequence. @throws KnockproxyError (exit status 2) as knockdConf and nftDoor. */
export function doorFiles(wish: DoorOptions, secret: DoorSecret): DoorFiles {
  const { host, port, server } = wish;
  const client = clientSide(wish, secret);
  const files = [...clientFiles(host, port, client), ...serverFiles(wish, secret)];
  return { host, port, client, files, start: server === 'knockd' ? START_KNOCKD : [] };
}

const START_KNOCKD: readonly DoorStep[] = [
  { side: 'server', what: 'start knockd', command: 'systemctl enable knockd && systemctl restart knockd' },
];

function clientSide({ server }: DoorOptions, { open, closeSteps }: DoorSecret): ClientSide {
  const door = [
    ...('steps' in open ? [`KnockSequence ${formatSequence(open.steps)}`] : []),
    ...(closeSteps ? [`KnockCloseSequence ${formatSequence(closeSteps)}`] : []),
    ...(server === 'knockd' ? [`KnockSequenceTimeout ${SEQ_TIMEOUT_S}`] : []),
  ];
  if ('steps' in open) return { door };
  return { door, secret: { kind: 'one_time', keyword: 'KnockOneTimeFile', text: open.text } };
}

function serverFiles(wish: DoorOptions, secret: DoorSecret): DoorFile[] {
  return wish.server === 'nftables' ? nftablesFiles(wish, secret) : knockdFiles(wish, secret);
}

/** One-time sequences need a daemon to mark used ones: readWish() refuses them. */
function nftablesFiles({ port, allow }: DoorOptions, { open, closeSteps }: DoorSecret): DoorFile[] {
  const steps = 'steps' in open ? open.steps : [];
  const text = nftDoor({ steps, port, allow, ...(closeSteps && { closeSteps }) });
  const script = installScript({ daemon: undefined, firewall: 'nftables', configs: [] });
  return [serverFile(FIREWALL_FILES.nft, text, FIREWALL_FILES.nft), serverFile('install.sh', script)];
}

function knockdFiles(wish: DoorOptions, { open, closeSteps }: DoorSecret): DoorFile[] {
  const { port, firewall, allow, interface: device } = wish;
  const oneTime = { name: 'one-time', path: SERVER_ONE_TIME_FILE };
  const conf = knockdConf({
    open: 'text' in open ? { oneTimeFile: oneTime.path, pool: open.pool } : open,
    port,
    firewall,
    seqTimeoutS: SEQ_TIMEOUT_S,
    ...(closeSteps && { closeSteps }),
    ...(device !== undefined && { interface: device }),
  });
  const configs = [{ name: 'knockd.conf', path: '/etc/knockd.conf' }];
  const script = installScript({ daemon: 'knockd', firewall, configs, ...('text' in open && { oneTime }) });
  return [
    serverFile('knockd.conf', conf, '/etc/knockd.conf'),
    ...('text' in open ? [serverFile(oneTime.name, open.text, oneTime.path)] : []),
    ...firewallFiles(firewall, allow),
    serverFile('install.sh', script),
  ];
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

export function serverFile(name: string, text: string, path?: string): DoorFile {
  return { side: 'server', name, text, ...(path !== undefined && { path }) };
}
