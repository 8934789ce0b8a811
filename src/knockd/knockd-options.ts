import type { Step } from '../plan/sequence.ts';
import { fromBytes } from '../util/bytes.ts';
import { readKnockdSequence } from './knockd-sequence.ts';
import { atoi, upperAscii } from './knockd-text.ts';

/** A section of knockd.conf: a sequence and its commands. */
export interface KnockdDoor {
  readonly name: string;
  /** The line of the heading. */
  readonly line: number;
  /** 0-32 steps with ports 0-65535, as knockd reads them; none if there is only a `oneTimeFile`. */
  steps: readonly Step[];
  oneTimeFile?: string;
  /** knockd discards an attempt of this age. */
  seqTimeoutS: number;
  /** The flags that a TCP knock must have (true) or must not have (false), in capitals. */
  readonly tcpFlags: Map<string, boolean>;
  /** The destination of the knocks, instead of the interface's address. */
  target?: string;
  startCommand?: string;
  /** For IPv6; undefined: startCommand; '': none. Likewise for stop. */
  startCommand6?: string;
  stopCommand?: string;
  stopCommand6?: string;
  /** From the start to the stop command. */
  cmdTimeoutS: number;
  /** Options of other versions of knockd. */
  readonly foreign: ForeignOption[];
}

/** An option that knockd 0.8 does not have. */
export interface ForeignOption {
  readonly name: string;
  readonly line: number;
}

/** The defaults of a door (knockd.c: opendoor.name[128], SEQ_TIMEOUT, CMD_TIMEOUT). */
export function newDoor(name: string, line: number): KnockdDoor {
  return {
    name: fromBytes(name.slice(0, 127)),
    line,
    steps: [],
    seqTimeoutS: 25,
    tcpFlags: new Map(),
    cmdTimeoutS: 10,
    foreign: [],
  };
}

/**
 * Sets an option of a door (knockd.c: parseconfig).
 *
 * @param key in capitals.
 * @param value trimmed, one character per byte.
 * @returns why knockd refuses it, without quoting it, or undefined.
 */
export function setDoorOption(door: KnockdDoor, key: string, value: string): string | undefined {
  const setter = SETTERS.get(key);
  return setter === undefined ? NO_SUCH_OPTION : setter(door, value);
}

export const NO_SUCH_OPTION = 'knockd has no such option in this section';

/** The options of [options], in capitals. */
export const GLOBAL_OPTIONS: ReadonlySet<string> = new Set(['LOGFILE', 'PIDFILE', 'INTERFACE', 'USESYSLOG']);

/**
 * Whether a line is an option of another version of knockd. Anything but a plain word is none: it may be a sequence
 * gone astray.
 */
export function isForeignOption(name: string): boolean {
  const key = upperAscii(name);
  return /^[A-Z][A-Z_]*$/.test(key) && !GLOBAL_OPTIONS.has(key) && !SETTERS.has(key);
}

type Setter = (door: KnockdDoor, value: string) => string | undefined;
type TextOption = 'target' | 'startCommand' | 'startCommand6' | 'stopCommand' | 'stopCommand6';

const SETTERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['SEQUENCE', setSequence],
  ['ONE_TIME_SEQUENCES', setOneTime],
  ['TCPFLAGS', setFlags],
  ['SEQ_TIMEOUT', seconds('seqTimeoutS')],
  ['TIMEOUT', seconds('seqTimeoutS')],
  ['CMD_TIMEOUT', seconds('cmdTimeoutS')],
  ['TARGET', text('target')],
  ['START_COMMAND', text('startCommand')],
  ['COMMAND', text('startCommand')],
  ['START_COMMAND_6', text('startCommand6')],
  ['COMMAND_6', text('startCommand6')],
  ['STOP_COMMAND', text('stopCommand')],
  ['STOP_COMMAND_6', text('stopCommand6')],
]);

function setSequence(door: KnockdDoor, value: string): string | undefined {
  const steps = readKnockdSequence(value);
  if (typeof steps === 'string') return steps;
  door.steps = steps;
  return undefined;
}

/** The file overrides an earlier `sequence`; a later `sequence` is expected once before it. */
function setOneTime(door: KnockdDoor, value: string): string | undefined {
  if (value === '') return 'the one-time file has no name';
  door.oneTimeFile = fromBytes(value);
  door.steps = [];
  return undefined;
}

const FLAGS = new Set(['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']);

function setFlags(door: KnockdDoor, value: string): string | undefined {
  for (const word of upperAscii(value).split(',')) {
    const flag = word.replace(/^!/, '');
    if (!FLAGS.has(flag)) return 'knockd has no such TCP flag (blanks around the commas are not allowed)';
    door.tcpFlags.set(flag, !word.startsWith('!'));
  }
  return undefined;
}

function seconds(option: 'seqTimeoutS' | 'cmdTimeoutS'): Setter {
  return (door, value) => {
    door[option] = atoi(value);
    return undefined;
  };
}

function text(option: TextOption): Setter {
  return (door, value) => {
    door[option] = fromBytes(value);
    return undefined;
  };
}
