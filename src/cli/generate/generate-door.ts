import { iptablesFirewall, nftablesFirewall } from '../../generate/firewall.ts';
import type { FirewallKind } from '../../generate/firewall-commands.ts';
import { FIREWALL_FILES } from '../../generate/firewall-instructions.ts';
import { doorConf, installScript, type ServerSettings } from '../../generate/install-script.ts';
import { knockdConf } from '../../generate/knockd-conf.ts';
import { nftDoor } from '../../generate/nft-door.ts';
import { oneTimeSequences } from '../../generate/one-time-list.ts';
import { type RandomInteger, randomSequence, type SequenceOptions } from '../../generate/random-sequence.ts';
import { knockdDoor, nftKnocks } from '../../generate/server-door.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import type { Step } from '../../plan/sequence.ts';
import { type ClientSide, clientFiles, type DoorFile, HOST_PLACEHOLDER } from '../config/client-files.ts';
import { type DoorFiles, type DoorStep, loginCommand } from './door-files.ts';

/** The options of a new door, without its secret. */
export interface DoorOptions {
  readonly host: string | undefined;
  /** The hidden TCP port. */
  readonly port: number;
  /** The user to log in as; undefined: ssh's default. */
  readonly user?: string;
  /** The name of this client's secret on the server. */
  readonly client: string;
  /** The knock daemon, or nftables alone. */
  readonly server: 'knockd' | 'nftables';
  /** The firewall that closes the whole server; undefined: only the port is hidden. */
  readonly firewall?: FirewallKind;
  /** Ports that stay open for everybody. */
  readonly allow: readonly Step[];
  /** The network interface of knockd. */
  readonly interface?: string;
  readonly sequence: SequenceOptions;
  readonly close: boolean;
  /** The number of lines of a one-time file; undefined: a fixed sequence. */
  readonly oneTime?: number;
  /** Whether the server has a secret of this client already. */
  readonly isRotation?: boolean;
}

/** The secret of a door. */
export interface DoorSecret {
  readonly open: { readonly steps: readonly Step[] } | ReturnType<typeof oneTimeSequences>;
  readonly closeSteps?: readonly Step[];
}

/** The server's files: a script that sets it up, or files to load by hand. */
export type ServerForm = 'script' | 'files';

/** Writable for knockd's unit despite ProtectSystem. */
const SERVER_ONE_TIME_FILE = '/var/lib/knockd/one-time';
/** A knock on port 22 would look like a failed login to another sshd of the server. */
const SSH_PORT = 22;
/** knockd's seq_timeout, in seconds. */
const SEQ_TIMEOUT_S = 10;
/** Seconds a door stays open. */
const OPEN_S = 10;

/**
 * Generates the sequences. They avoid port 22, the hidden port, the allowed ports, and each other's ports.
 *
 * @throws KnockproxyError (exit status 2) if the options leave too few ports.
 */
export function drawSecret(wish: DoorOptions, random: RandomInteger): DoorSecret {
  const exclude = [
    wish.port,
    SSH_PORT,
    ...wish.allow.map(({ port }) => port),
    ...(wish.sequence.exclude ?? []),
  ];
  const closeSteps = wish.close ? randomSequence(random, { ...wish.sequence, exclude }) : undefined;
  const options = { ...wish.sequence, exclude: [...exclude, ...(closeSteps ?? []).map(({ port }) => port)] };
  const open =
    wish.oneTime === undefined
      ? { steps: randomSequence(random, options) }
      : oneTimeSequences(random, wish.oneTime, options);
  return { open, ...(closeSteps && { closeSteps }) };
}

/** Both ends of a door with a sequence. @throws KnockproxyError (exit status 2) as knockdConf and nftDoor. */
export function doorFiles(wish: DoorOptions, secret: DoorSecret, form: ServerForm): DoorFiles {
  const client = clientSide(wish, secret);
  const server = form === 'script' ? scriptFiles(wish, secret) : serverFiles(wish, secret);
  return {
    ...destination(wish),
    client,
    files: [...clientFiles(wish, client), ...server],
    ...(form === 'files' && { start: wish.server === 'knockd' ? START_KNOCKD : [] }),
  };
}

export function destination({ host, port, user }: Pick<DoorOptions, 'host' | 'port' | 'user'>) {
  return { host, port, ...(user !== undefined && { user }) };
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

function scriptFiles(wish: DoorOptions, { open, closeSteps }: DoorSecret): DoorFile[] {
  const plan = {
    open: 'steps' in open ? { steps: open.steps } : { pool: open.pool },
    port: wish.port,
    seqTimeoutS: SEQ_TIMEOUT_S,
    ...(closeSteps && { closeSteps }),
  };
  return [
    ...scriptWith(wish, wish.server),
    wish.server === 'knockd'
      ? folderFile('knockd.conf', knockdDoor(plan))
      : folderFile('knocks.nft', nftKnocks(plan)),
    ...('text' in open ? [folderFile('one-time', open.text)] : []),
  ];
}

/** install.sh and what it is to set up. */
export function scriptWith(
  wish: Omit<DoorOptions, 'server' | 'sequence'>,
  kind: ServerSettings['kind'],
): DoorFile[] {
  const { port, client, host = HOST_PLACEHOLDER, firewall, allow, interface: device } = wish;
  const conf = doorConf({
    client,
    port,
    kind,
    openS: OPEN_S,
    login: loginCommand(host),
    isRotation: wish.isRotation ?? false,
    ...(device !== undefined && { interface: device }),
    ...(firewall !== undefined && { closeAll: { by: firewall, allow } }),
  });
  return [folderFile('install.sh', installScript()), folderFile('door.conf', conf)];
}

/** A file of the folder that is copied to the server. */
export function folderFile(name: string, text: string): DoorFile {
  return { side: 'server', name, path: `door/${name}`, text };
}

function serverFiles(wish: DoorOptions, secret: DoorSecret): DoorFile[] {
  return wish.server === 'nftables' ? nftablesFiles(wish, secret) : knockdFiles(wish, secret);
}

/** One-time sequences need a daemon to mark used ones: readWish() refuses them. */
function nftablesFiles({ port, allow }: DoorOptions, { open, closeSteps }: DoorSecret): DoorFile[] {
  const steps = 'steps' in open ? open.steps : [];
  const text = nftDoor({ steps, port, allow, ...(closeSteps && { closeSteps }) });
  return [serverFile(FIREWALL_FILES.nft, text, FIREWALL_FILES.nft)];
}

function knockdFiles(wish: DoorOptions, { open, closeSteps }: DoorSecret): DoorFile[] {
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

/** The firewall of a door with a daemon, for both address families. */
export function firewallFiles(kind: FirewallKind, allow: readonly Step[]): DoorFile[] {
  if (kind === 'nftables') {
    return [serverFile(FIREWALL_FILES.nft, nftablesFirewall({ allow }), FIREWALL_FILES.nft)];
  }
  return ([4, 6] as const).map((family) =>
    serverFile(FIREWALL_FILES[family], iptablesFirewall(family, { allow }), FIREWALL_FILES[family]),
  );
}

export function serverFile(name: string, text: string, path: string): DoorFile {
  return { side: 'server', name, text, path };
}
