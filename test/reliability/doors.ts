import {
  ARTICLE_SEQUENCE,
  type BanDoorOptions,
  banDoorTable,
  DEBIAN_KNOCKD_CONF,
  DEBIAN_SEQUENCE,
  type Knockd,
  type KnockdDoor,
  knockdConf,
  type NftDoorOptions,
  type RecentDoorOptions,
  type Server,
  type Step,
} from '../netns/index.ts';

/** A door of a row: how to put it before the server, and what a client is told of it. */
export interface DoorKind {
  readonly sequence: readonly Step[];
  start(server: Server): Promise<Door>;
}

export interface Door {
  /** Shuts it, and forgets what was knocked so far. */
  shut(): Promise<void>;
  /** Takes the rule away and leaves the knock daemon as it is. */
  removeRules(): Promise<void>;
  /** The daemon, for rows that disturb it. */
  readonly knockd?: Knockd;
}

export interface KnockdKind extends KnockdDoor {
  /** Instead of the article's way of writing it. */
  readonly conf?: string;
  /** What a shut port answers; default: nothing. */
  readonly answer?: 'tcp-reset' | 'icmp';
  /** Doors with `tcpflags = syn`, as the article has it. Default true. */
  readonly tcpflags?: boolean;
}

/**
 * knockd with the article's firewall. It never shuts the door by itself: rows shut it, and a stop command that sleeps
 * would take a later login's rule away.
 */
export function knockd(kind: KnockdKind = {}): DoorKind {
  const { answer, tcpflags = true, conf, sequence = ARTICLE_SEQUENCE, ...door } = kind;
  const written = conf ?? knockdConf({ cmdTimeoutS: 0, seqTimeoutS: 10, sequence, ...door });
  return {
    sequence,
    async start(server) {
      const firewall = () => (answer ? server.firewall.reject(answer) : server.firewall.article());
      await firewall();
      const daemon = await server.knockd(tcpflags ? written : written.replace(/^ *tcpflags.*\n/gm, ''));
      return {
        knockd: daemon,
        removeRules: firewall,
        async shut() {
          await daemon.stop(); // and its start and stop commands
          await Promise.all([firewall(), daemon.restart()]);
        },
      };
    },
  };
}

/** Debian's stock pair, of which the second door closes the first. */
export function debianPair(): DoorKind {
  return knockd({ sequence: DEBIAN_SEQUENCE, conf: DEBIAN_KNOCKD_CONF });
}

export function nft(options?: NftDoorOptions, sequence = ARTICLE_SEQUENCE): DoorKind {
  return daemonless(sequence, (server) => server.firewall.nft(sequence, options));
}

/** The strict door of banDoorTable(). */
export function ban(options?: BanDoorOptions, sequence = DEBIAN_SEQUENCE): DoorKind {
  return daemonless(sequence, async (server) => {
    await server.firewall.open();
    await server.must('nft', ['-f', '-'], { input: banDoorTable(sequence, options) });
  });
}

/** The kernel keeps the lists of the recent match as long as a rule names them. */
const FORGET_RECENT = 'for list in /proc/net/xt_recent/*; do echo / >"$list"; done';

export function recent(options?: RecentDoorOptions, sequence = ARTICLE_SEQUENCE): DoorKind {
  return daemonless(sequence, async (server) => {
    await server.firewall.recent(sequence, options);
    await server.must('sh', ['-c', FORGET_RECENT]);
  });
}

function daemonless(sequence: readonly Step[], put: (server: Server) => Promise<void>): DoorKind {
  return {
    sequence,
    async start(server) {
      const shut = () => put(server);
      await shut();
      return { shut, removeRules: shut };
    },
  };
}
