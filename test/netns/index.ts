import { fileURLToPath } from 'node:url';

/**
 * The test bed: two or more machines made of network namespaces, with real ssh, sshd, knockd, fwknopd and firewalls,
 * and a wire with faults. Works under vitest and plain tsx; describeBed (describe.ts) needs vitest.
 */
export {
  ARTICLE_SEQUENCE,
  DEBIAN_KNOCKD_CONF,
  DEBIAN_SEQUENCE,
  type KnockdDoor,
  knockdConf,
} from './article.ts';
export { bedUnavailable, installed } from './available.ts';
export { type BanDoorOptions, banDoorTable } from './ban-door.ts';
export { Bed, type BedOptions, createBed } from './bed.ts';
export type { NftDoorOptions, RecentDoorOptions, Step } from './doors.ts';
export type { Fail2ban, Fail2banOptions } from './fail2ban.ts';
export type { Fwknopd, FwknopdOptions } from './fwknopd.ts';
export type { Host } from './host.ts';
export type { Knockd, KnockdOptions } from './knockd.ts';
export {
  connectionLimit,
  hashLimit,
  nftMeterTable,
  recentLimit,
  threeStages,
} from './limits.ts';
export { newerSshd, noNewerSshd, type SshdProgram } from './newer-sshd.ts';
export { mustRun, type RunOptions, type RunResult, run } from './run.ts';
export type { Server } from './server.ts';
export type { SshConfigOptions } from './ssh-config.ts';
export type { Sshd, SshdOptions } from './sshd.ts';
export type { Syslog } from './syslog.ts';
export type { Ufw } from './ufw.ts';
export { waitFor } from './wait.ts';
export { type DirectionStats, type Impairment, Wire, type WireOptions } from './wire.ts';

/** The repository's root, without a slash at the end. */
export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The built program; run it as `process.execPath KNOCKPROXY ...`. */
export const KNOCKPROXY = `${REPOSITORY}/dist/knockproxy.cjs`;

/** Both as one ssh_config word sequence, for ProxyCommand. */
export const KNOCKPROXY_COMMAND = `${process.execPath} ${KNOCKPROXY}`;
