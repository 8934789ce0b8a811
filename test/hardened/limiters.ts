import {
  connectionLimit,
  hashLimit,
  installed,
  newerSshd,
  nftMeterTable,
  noNewerSshd,
  recentLimit,
  type Server,
  type SshdOptions,
  threeStages,
} from '../netns/index.ts';

/** What a server has against too many connections to port 22. */
export interface Limiter {
  readonly name: string;
  /** Why it cannot be had on this machine, or undefined. */
  readonly unavailable?: () => string | undefined;
  /** That is no failure in CI. */
  readonly isExcused?: () => boolean;
  /** Rules of iptables' INPUT; none: it works elsewhere. */
  readonly input?: readonly string[];
  /** The firewall is ufw's. */
  readonly ufw?: boolean;
  /** What its sshd needs. */
  readonly sshd?: (server: Server) => Promise<SshdOptions>;
  /** Starts what needs sshd and the firewall; `doorFirst`: the door's rule decides before it. */
  readonly start?: (server: Server, sshd: SshdOptions, doorFirst: boolean) => Promise<unknown>;
}

const FAIL2BAN: Limiter = {
  name: 'fail2ban aggressive',
  unavailable: () => notInstalled('fail2ban-server'),
  sshd: async (server) => ({ syslog: await server.syslog() }),
  start: (server, { syslog }) => server.fail2ban({ authLog: syslog!.logPath }),
};

const NFT_METER: Limiter = {
  name: 'nftables meter',
  start: (server, _, doorFirst) =>
    server.must('nft', ['-f', '-'], { input: nftMeterTable(doorFirst ? 5 : -5) }),
};

const PENALTIES: Limiter = {
  name: 'PerSourcePenalties',
  unavailable: () => noNewerSshd()?.reason,
  isExcused: () => noNewerSshd()?.isExcused ?? false,
  sshd: async () => ({ program: newerSshd()! }),
};

export const UFW: Limiter = { name: 'ufw limit', ufw: true };

export const LIMITERS: readonly Limiter[] = [
  ...[4, 5, 6, 10].map((hits) => ({ name: `recent hitcount ${hits}`, input: recentLimit(hits) })),
  UFW,
  { name: 'hashlimit 5/min', input: hashLimit() },
  { name: 'connlimit 2', input: connectionLimit() },
  NFT_METER,
  { name: 'three stages', input: threeStages() },
  FAIL2BAN,
  PENALTIES,
];

function notInstalled(program: string): string | undefined {
  return installed(program) ? undefined : `not installed: ${program}`;
}
