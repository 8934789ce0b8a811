/**
 * The table of all keywords that knockproxy reads: the source for the parser, the help and the man page. Keywords that
 * share a slot are alternatives, of which the first that applies to the host wins (like ssh's ProxyJump and ProxyCommand).
 */
export interface Keyword {
  readonly name: string;
  /** undefined: used by the evaluator itself. */
  readonly slot: Slot | undefined;
  /** 'ours': also allowed in knock_config; 'ssh': read from ssh's own files only. */
  readonly owner: 'ours' | 'ssh';
  /** The form of a value, for messages and the man page. */
  readonly value: string;
  readonly default: string;
  readonly help: string;
  /** The value itself is a secret, not just the path to one. */
  readonly secret?: boolean;
}

export type Slot =
  | 'door'
  | 'close'
  | 'delay'
  | 'timeout'
  | 'knockhost'
  | 'via'
  | 'sequencetimeout'
  | 'sequencelifetime'
  | 'connects'
  | 'spakeys'
  | 'spaaccess'
  | 'spaallow'
  | 'spaport'
  | 'spatimeout'
  | 'family'
  | 'bindaddress'
  | 'bindinterface'
  | 'connecttimeout'
  | 'loglevel'
  | 'fdpass';

export const KEYWORDS: readonly Keyword[] = [
  {
    name: 'KnockSequence',
    slot: 'door',
    owner: 'ours',
    value: 'PORT[:tcp|udp],... | none',
    default: 'none',
    help: 'the knock sequence: 1 to 31 steps separated by commas or blanks (see STEPS in knock_config(5)); none: no door',
    secret: true,
  },
  {
    name: 'KnockSequenceCommand',
    slot: 'door',
    owner: 'ours',
    value: 'COMMAND [ARG ...] | none',
    default: 'none',
    help: 'a program that prints the sequence, or candidates for it, one per line; run without a shell, with the tokens %h %n %p %r, for at most 60 s, in which it may ask for a PIN',
  },
  {
    name: 'KnockSequenceFile',
    slot: 'door',
    owner: 'ours',
    value: 'PATH | none',
    default: 'none',
    help: 'a file with the sequence, or candidates for it, one per line, readable by its owner only; PATH may contain tokens and ~',
  },
  {
    name: 'KnockOneTimeFile',
    slot: 'door',
    owner: 'ours',
    value: 'PATH | none',
    default: 'none',
    help: "a file of one-time sequences in the format of knockd's one_time_sequences, with mode 0600; the last line is never sent",
  },
  {
    name: 'KnockSpa',
    slot: 'door',
    owner: 'ours',
    value: 'STANZA | yes | none',
    default: 'none',
    help: 'an fwknop door, configured by a stanza of ~/.fwknoprc; yes: the stanza named after the host',
  },
  {
    name: 'KnockSpaKeyFile',
    slot: 'door',
    owner: 'ours',
    value: 'PATH | none',
    default: 'none',
    help: 'an fwknop door, with a file of KEY_BASE64 and HMAC_KEY_BASE64 lines, with mode 0600; PATH may contain tokens and ~',
  },
  {
    name: 'KnockSpaKeyCommand',
    slot: 'spakeys',
    owner: 'ours',
    value: 'COMMAND [ARG ...]',
    default: 'the keys of the stanza',
    help: 'with KnockSpa: a program that prints the keys in lines KEY_BASE64, HMAC_KEY_BASE64, KEY or HMAC_KEY; run like that of KnockSequenceCommand',
  },
  {
    name: 'KnockSpaAccess',
    slot: 'spaaccess',
    owner: 'ours',
    value: 'PROTO/PORT[,PROTO/PORT ...]',
    default: 'tcp/PORT',
    help: 'what fwknopd is asked to open',
  },
  {
    name: 'KnockSpaAllow',
    slot: 'spaallow',
    owner: 'ours',
    value: 'source | IPV4 | resolve URL',
    default: 'ALLOW_IP of the stanza; source with a key file',
    help: 'the address that fwknopd lets in: the source of the packet, an address, or the one that URL returns',
  },
  {
    name: 'KnockSpaPort',
    slot: 'spaport',
    owner: 'ours',
    value: 'PORT',
    default: '62201',
    help: 'the UDP port that fwknopd listens on',
  },
  {
    name: 'KnockSpaTimeout',
    slot: 'spatimeout',
    owner: 'ours',
    value: 'SECONDS, 0-65536',
    default: "fwknopd's FW_ACCESS_TIMEOUT",
    help: 'how long the port is to stay open; 0: the default of fwknopd',
  },
  {
    name: 'KnockCloseSequence',
    slot: 'close',
    owner: 'ours',
    value: 'PORT[:tcp|udp],... | none',
    default: 'none',
    help: 'the sequence that closes the door, sent once no login is waiting for the door',
    secret: true,
  },
  {
    name: 'KnockDelay',
    slot: 'delay',
    owner: 'ours',
    value: 'MS, 0-60000',
    default: 'chosen by knockproxy',
    help: 'milliseconds between knocks: exact in the first attempt, the minimum in retries',
  },
  {
    name: 'KnockTimeout',
    slot: 'timeout',
    owner: 'ours',
    value: 'SECONDS, 0.1-3600',
    default: '8',
    help: 'seconds before knockproxy gives up, counted from its start, without the pauses of KnockDelay',
  },
  {
    name: 'KnockHost',
    slot: 'knockhost',
    owner: 'ours',
    value: 'HOST',
    default: 'the host itself',
    help: 'another machine to knock on, such as a router; the connection still goes to the host',
  },
  {
    name: 'KnockVia',
    slot: 'via',
    owner: 'ours',
    value: '[USER@]HOST | none',
    default: 'none',
    help: 'knock and connect from HOST, a bastion that ssh logs in to first and that has sh and one of perl, python3, bash and nc',
  },
  {
    name: 'KnockSequenceTimeout',
    slot: 'sequencetimeout',
    owner: 'ours',
    value: 'SECONDS, 1-3600',
    default: 'not limited',
    help: "the server's time limit for a whole sequence (knockd's seq_timeout)",
  },
  {
    name: 'KnockSequenceLifetime',
    slot: 'sequencelifetime',
    owner: 'ours',
    value: 'SECONDS, 1-86400',
    default: 'never',
    help: 'how often a rotating sequence changes: a retry obtains it again if a new period of this length, counted from 1970, has begun',
  },
  {
    name: 'KnockConnects',
    slot: 'connects',
    owner: 'ours',
    value: 'COUNT, 1-2',
    default: '2',
    help: 'maximum number of connections per sequence; 1 if the server counts each one',
  },
  ssh('HostName', undefined, 'with Port, identifies the host when ProxyCommand passes only %h and %p'),
  ssh('Port', undefined, 'see HostName; the port to connect to is the one ProxyCommand passes'),
  ssh('AddressFamily', 'family', 'the addresses to use: any, inet or inet6'),
  ssh('BindAddress', 'bindaddress', 'the local address to knock and connect from'),
  ssh('BindInterface', 'bindinterface', 'knock and connect from an address of this interface'),
  ssh(
    'ConnectTimeout',
    'connecttimeout',
    'knockproxy gives up earlier: by 0.5 s, or by 10 % of this time if that is longer',
  ),
  ssh('LogLevel', 'loglevel', 'QUIET: no messages; DEBUG: like -v'),
  ssh('ProxyUseFdpass', 'fdpass', 'yes: pass the connected socket to ssh and exit'),
];

/** The Knock keywords, as documented. */
export const KNOCK_KEYWORDS = KEYWORDS.filter(({ owner }) => owner === 'ours').map(({ name }) => name);

const SPELLINGS = new Map(KEYWORDS.map(({ name }) => [name.toLowerCase(), name]));

/** A keyword as documented: `KnockDelay` for `knockdelay`. */
export function spellingOf(keyword: string): string {
  return SPELLINGS.get(keyword) ?? keyword;
}

function ssh(name: string, slot: Slot | undefined, help: string): Keyword {
  return { name, slot, owner: 'ssh', value: 'as in ssh_config(5)', default: "ssh's", help };
}
