import { doorConf, installScript, type ServerSettings } from '../../generate/install-script.ts';
import { oneTimeSequences } from '../../generate/one-time-list.ts';
import { type RandomInteger, randomSequence, type SequenceOptions } from '../../generate/random-sequence.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import { SSH_PORT } from '../../util/text.ts';
import { type ClientSide, clientFiles, type DoorFile, HOST_PLACEHOLDER } from '../config/client-files.ts';
import { type DoorFiles, loginCommand } from './door-files.ts';
import { folderFile } from './server-files.ts';
import {
  type DoorSecret,
  SEQ_TIMEOUT_S,
  SERVER_PRESETS,
  type SERVERS,
  type ServerWish,
} from './server-presets.ts';

/** The options of a new door, without its secret. */
export interface DoorOptions extends ServerWish {
  readonly host: string | undefined;
  /** The user to log in as; undefined: ssh's default. */
  readonly user?: string;
  /** The name of this client's secret on the server. */
  readonly client: string;
  /** The knock daemon, or nftables alone. */
  readonly server: (typeof SERVERS)[number];
  readonly sequence: SequenceOptions;
  readonly close: boolean;
  /** The number of lines of a one-time file; undefined: a fixed sequence. */
  readonly oneTime?: number;
  /** Whether the server has a secret of this client already. */
  readonly isRotation?: boolean;
}

/** The server's files: a script that sets it up, or files to load by hand. */
export type ServerForm = 'script' | 'files';

/** A knock on port 22 would look like a failed login to another sshd of the server. */
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
  const { files, start } = SERVER_PRESETS[wish.server];
  const server = form === 'script' ? scriptFiles(wish, secret) : files(wish, secret);
  return {
    ...destination(wish),
    client,
    files: [...clientFiles(wish, client), ...server],
    ...(form === 'files' && { start }),
  };
}

export function destination({ host, port, user }: Pick<DoorOptions, 'host' | 'port' | 'user'>) {
  return { host, port, ...(user !== undefined && { user }) };
}

function clientSide({ server }: DoorOptions, { open, closeSteps }: DoorSecret): ClientSide {
  const door = [
    ...('steps' in open ? [`KnockSequence ${formatSequence(open.steps)}`] : []),
    ...(closeSteps ? [`KnockCloseSequence ${formatSequence(closeSteps)}`] : []),
    ...SERVER_PRESETS[server].clientLines,
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
    SERVER_PRESETS[wish.server].scriptPart(plan),
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
