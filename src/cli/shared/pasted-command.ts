import { formatSequence } from '../../plan/format-sequence.ts';
import { parseSequence } from '../../plan/sequence.ts';
import { usageError } from '../../util/errors.ts';
import { type ShortOptions, splitOptions } from './short-options.ts';
import { TYPE_HOST } from './typed-host.ts';

/** What a command line of another program says of a host and its door. */
export interface Pasted {
  /** As typed to that program; undefined: there is none. */
  readonly host: string | undefined;
  readonly port?: string;
  readonly user?: string;
  /** Lines of knock_config; empty: the sequence is still to be asked for. */
  readonly doorLines: readonly string[];
  /** Whether the line contains a knock sequence. */
  readonly hasSequence: boolean;
}

/** Programs whose command lines people paste. */
export const PROGRAMS = {
  knock: readKnock,
  ssh: readSsh,
  fwknop: readFwknop,
} as const satisfies Record<string, (words: readonly string[]) => Pasted>;

const KNOCK: ShortOptions = {
  values: { d: 'delay' },
  flags: { u: 'udp', v: 'verbose', 4: 'ipv4', 6: 'ipv6' },
};

/** knock(1): `knock [-u] [-d MS] HOST PORT[:tcp|:udp] ...` */
function readKnock(words: readonly string[]): Pasted {
  const { options, operands } = splitOptions('knock', words, KNOCK);
  const [host, ...ports] = operands;
  const delay = options.get('d');
  if (host !== undefined && ports.length === 0) throw usageError('the knock command has no ports', TYPE_HOST);
  if (delay !== undefined && !/^\d{1,5}$/.test(delay))
    throw usageError('-d of the knock command takes milliseconds');
  const steps = host === undefined ? [] : parseSequence(ports.join(' '), options.has('u') ? 'udp' : 'tcp');
  return {
    host,
    doorLines: [
      `KnockSequence ${formatSequence(steps)}`,
      ...(delay === undefined ? [] : [`KnockDelay ${Number(delay)}`]),
    ],
    hasSequence: true,
  };
}

const SSH: ShortOptions = {
  values: { p: 'port', l: 'user' },
  flags: Object.fromEntries([...'46AaCfGgKkMNnqsTtVvXxYy'].map((letter) => [letter, letter])),
};

/** ssh(1): `ssh [-p PORT] [-l USER] [USER@]HOST` */
function readSsh(words: readonly string[]): Pasted {
  const { options, operands } = splitOptions('ssh', words, SSH, 'write it to ~/.ssh/config, for HOST');
  const [host, ...command] = operands;
  if (command.length > 0) throw usageError('the ssh command runs something on the host', TYPE_HOST);
  const [port, user] = [options.get('p'), options.get('l')];
  return {
    host,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    doorLines: [],
    hasSequence: false,
  };
}

const FWKNOP: ShortOptions = {
  values: {
    A: 'access',
    D: 'destination',
    n: 'named-config',
    a: 'allow-ip',
    p: 'server-port',
    f: 'fw-timeout',
  },
  flags: { s: 'source-ip', v: 'verbose', 'use-hmac': 'use-hmac' },
};

/** fwknop(8): `fwknop -n STANZA`, with what the stanza leaves open. */
function readFwknop(words: readonly string[]): Pasted {
  const { options } = splitOptions('fwknop', words, FWKNOP, 'write it to the stanza in ~/.fwknoprc');
  const [stanza, destination, access] = ['n', 'D', 'A'].map((letter) => options.get(letter));
  const host = destination ?? stanza;
  if (host !== undefined && stanza === undefined) {
    throw usageError(
      'the fwknop command does not say where its keys are: knockproxy takes them from a stanza of ~/.fwknoprc',
      'add --save-rc-stanza -n HOST to the fwknop command once, then: knockproxy add fwknop -n HOST',
    );
  }
  const port = /^tcp\/(\d+)$/.exec(access ?? '')?.[1];
  const line = (keyword: string, value: string | undefined) =>
    value === undefined ? [] : [`${keyword} ${plain(value)}`];
  return {
    host,
    ...(port !== undefined && port !== '22' && { port }),
    doorLines: [
      ...line('KnockSpa', stanza),
      ...line('KnockSpaAccess', port === undefined ? access : undefined),
      ...line('KnockSpaAllow', options.get('a') ?? (options.has('s') ? 'source' : undefined)),
      ...line('KnockSpaPort', options.get('p')),
      ...line('KnockSpaTimeout', options.get('f')),
    ],
    hasSequence: false,
  };
}

function plain(value: string): string {
  if (/^[\w.,/:-]+$/.test(value)) return value;
  throw usageError('a value in the fwknop command is not one plain word');
}
