import { parseSequence, type Step } from '../plan/sequence.ts';
import type { Setting, Settings } from '../ssh-config/evaluate.ts';
import { configError, describePlace } from '../util/errors.ts';
import { spellingOf } from './keywords.ts';
import { type GetSetting, isNone, readNumber, readOneWord } from './read-values.ts';
import { readSpaSource, type SpaSource } from './spa-keywords.ts';
import { type LogLevel, parseSshTime, readFamily, readLogLevel } from './ssh-values.ts';

/** Where a host's sequence comes from; src/secrets obtains it. */
export type SequenceSource =
  | { readonly kind: 'sequence'; readonly steps: readonly Step[] }
  /** A program that prints it: words with tokens. */
  | { readonly kind: 'command'; readonly words: readonly string[] }
  /** A file that contains it: a path with tokens. */
  | { readonly kind: 'file'; readonly path: string }
  /** A file of one-time sequences: a path with tokens. */
  | { readonly kind: 'one-time'; readonly path: string }
  /** An fwknop packet, built for each attempt. */
  | SpaSource;

/** A door as configured. */
export interface Door {
  readonly source: SequenceSource;
  /** Pause between two knocks, if KnockDelay is set. */
  readonly delayMs?: number;
  /** The server's time limit for a whole sequence (knockd's seq_timeout). */
  readonly sequenceTimeoutMs?: number;
  /** How often a rotating sequence changes: at multiples of this since 1970. */
  readonly sequenceLifetimeMs?: number;
  /** The most connects of an attempt. */
  readonly mostConnects?: number;
  /** The sequence that closes the door, sent when no login waits for it any more. */
  readonly closeSteps?: readonly Step[];
  /** `FILE line N`, for messages. */
  readonly where: string;
  /** When that file was last changed, in ms since the epoch. */
  readonly changedAt?: number;
}

/** The host of KnockVia, and where that is set. */
export interface ViaPlace {
  /** A destination of ssh. */
  readonly via: string;
  /** `FILE line N`, for messages. */
  readonly where: string;
}

/** Everything the configuration says about one host. */
export interface HostSettings {
  /** undefined: the host has no door. */
  readonly door?: Door;
  /** Time from exec to giving up. */
  readonly limitMs: number;
  /** ConnectTimeout less what ssh needs itself, in milliseconds, where it is set. */
  readonly connectTimeoutMs?: number;
  /** Whether KnockTimeout or ConnectTimeout sets it. */
  readonly isLimitSet: boolean;
  /** 0: either. */
  readonly family: 0 | 4 | 6;
  readonly bindAddress?: string;
  /** Counts where bindAddress is not set. */
  readonly bindInterface?: string;
  /** Another machine to knock on. */
  readonly knockHost?: string;
  /** Another machine to knock and connect from. */
  readonly knockVia?: ViaPlace;
  readonly fdpass: boolean;
  readonly logLevel: LogLevel;
}

/** The default of KnockTimeout. */
export const DEFAULT_LIMIT_MS = 8000;
const LEAST_LIMIT_MS = 100;
/** An attempt makes no more. */
const MOST_CONNECTS = 2;

/**
 * Turns the first value of each slot into settings. Values of Knock keywords are checked; invalid values of ssh's
 * keywords are ignored, because ssh has checked them already.
 *
 * @throws KnockproxyError `FILE line N: ...`, never quoting the value of a Knock keyword.
 */
export function readSettings(values: Settings): HostSettings {
  const get: GetSetting = (slot) => values.get(slot);
  const door = readDoor(get);
  const knockHost = get('knockhost')?.words[0];
  const bindAddress = get('bindaddress')?.words[0];
  const bindInterface = get('bindinterface')?.words[0];
  const timeout = get('timeout');
  const ownMs = timeout ? 1000 * readNumber(timeout, 0.1, 3600, 'seconds') : DEFAULT_LIMIT_MS;
  const connectTimeoutMs = readConnectTimeout(get('connecttimeout'));
  return {
    ...(door && { door }),
    limitMs: Math.max(LEAST_LIMIT_MS, Math.min(ownMs, connectTimeoutMs ?? Number.POSITIVE_INFINITY)),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    isLimitSet: (get('timeout') ?? get('connecttimeout')) !== undefined,
    family: readFamily(get('family')),
    ...(bindAddress !== undefined && { bindAddress }),
    ...(bindInterface !== undefined && { bindInterface }),
    ...(knockHost !== undefined && { knockHost }),
    ...readVia(get),
    fdpass: /^(yes|true)$/i.test(get('fdpass')?.words[0] ?? ''),
    logLevel: readLogLevel(get('loglevel')),
  };
}

/** @throws KnockproxyError for a name that ssh would take for an option. */
function readVia(get: GetSetting): Pick<HostSettings, 'knockVia'> {
  const setting = get('via');
  if (setting === undefined || isNone(setting)) return {};
  const via = readOneWord(setting);
  if (isDestination(via)) return { knockVia: { via, where: describePlace(setting) } };
  throw configError(setting, 'the value of KnockVia is not a host name');
}

/** Whether ssh takes it for a host, as `HOST`, `USER@HOST` or `ssh://...`, and never for an option. */
export function isDestination(text: string): boolean {
  return /^[\w.@:%/][\w.@:%/-]*$/.test(text);
}

function readDoor(get: GetSetting): Door | undefined {
  const door = get('door');
  refuseKeysWithoutDoor(door, get('spakeys'));
  if (door === undefined || isNone(door)) return undefined;
  const [delay, timeout, lifetime, close, connects] = [
    get('delay'),
    get('sequencetimeout'),
    get('sequencelifetime'),
    get('close'),
    get('connects'),
  ];
  return {
    source: readSource(door, get),
    where: describePlace(door),
    ...(delay && { delayMs: readNumber(delay, 0, 60_000, 'milliseconds') }),
    ...(timeout && { sequenceTimeoutMs: 1000 * readNumber(timeout, 1, 3600, 'seconds') }),
    ...(lifetime && { sequenceLifetimeMs: 1000 * readNumber(lifetime, 1, 86_400, 'seconds') }),
    ...(connects && { mostConnects: readCount(connects) }),
    ...(close && !isNone(close) && { closeSteps: readSteps(close) }),
  };
}

/** KnockSpaKeyFile is a door, so that KnockSpaKeyCommand is easily taken for one. */
function refuseKeysWithoutDoor(door: Setting | undefined, keys: Setting | undefined): void {
  if (door === undefined && keys) {
    throw configError(keys, 'KnockSpaKeyCommand needs a KnockSpa line', 'add the line: KnockSpa yes');
  }
}

/** Whether obtaining the secret may ask the user for something. */
export function asksUser(source: SequenceSource): boolean {
  return source.kind === 'command' || (source.kind === 'spa' && source.keyCommand !== undefined);
}

function readSource(door: Setting, get: GetSetting): SequenceSource {
  switch (door.keyword) {
    case 'knocksequencecommand':
      return { kind: 'command', words: door.words };
    case 'knocksequencefile':
      return { kind: 'file', path: readOneWord(door) };
    case 'knockonetimefile':
      return { kind: 'one-time', path: readOneWord(door) };
    case 'knockspa':
    case 'knockspakeyfile':
      return readSpaSource(door, get);
    default:
      return { kind: 'sequence', steps: readSteps(door) };
  }
}

function readSteps(setting: Setting): Step[] {
  try {
    return parseSequence(setting.words.join(' '));
  } catch (error) {
    throw configError(setting, (error as Error).message, 'see KnockSequence in knock_config(5)');
  }
}

/**
 * Ends before ssh's own timer, so that the reason is printed and not ssh's "Connection timed out during banner
 * exchange": ConnectTimeout - max(0.5 s, 10 %).
 */
function readConnectTimeout(connectTimeout: Setting | undefined): number | undefined {
  const seconds = connectTimeout && parseSshTime(connectTimeout.words[0] ?? '');
  return seconds ? Math.max(LEAST_LIMIT_MS, 1000 * (seconds - Math.max(0.5, seconds / 10))) : undefined;
}

function readCount(setting: Setting): number {
  const count = Number(setting.words[0]);
  if (setting.words.length === 1 && (count === 1 || count === MOST_CONNECTS)) return count;
  throw configError(setting, `${spellingOf(setting.keyword)} must be 1 or ${MOST_CONNECTS}`);
}
