import { usageError } from '../../util/errors.ts';

/** SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_FD = 3;

/**
 * The descriptors that systemd passes to this process (sd_listen_fds(3)). Removes the variables, so that no child takes
 * the sockets for its own.
 *
 * @throws KnockproxyError (exit status 2) if there is none.
 */
export function systemdFds(env = process.env, pid = process.pid): number[] {
  const count = env.LISTEN_PID === String(pid) ? Number(env.LISTEN_FDS) : 0;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (Number.isInteger(count) && count > 0) return Array.from({ length: count }, (_, n) => FIRST_FD + n);
  throw usageError(
    'systemd has passed no socket to this process (LISTEN_PID, LISTEN_FDS)',
    'start it by a .socket unit with Accept=no, and as the process of ExecStart itself',
  );
}
