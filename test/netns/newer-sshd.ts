import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An sshd that is not the system's, with the programs that it starts (sshd-session from 9.8 on, sshd-auth from 10.0 on). */
export interface SshdProgram {
  sshd: string;
  session: string;
  auth: string;
}

const SYSTEM: SshdProgram = {
  sshd: '/usr/sbin/sshd',
  session: '/usr/lib/openssh/sshd-session',
  auth: '/usr/lib/openssh/sshd-auth',
};

/** Where `.ci/newer-sshd` unpacks it. */
const UNPACKED = fileURLToPath(new URL('../../node_modules/.cache/knockproxy/newer-sshd', import.meta.url));

/** An sshd 10 or newer, for PerSourcePenalties (9.8): the system's, or the one that `.ci/newer-sshd` fetches. */
export function newerSshd(): SshdProgram | undefined {
  const entries = Object.entries(SYSTEM).map(([name, path]) => [name, UNPACKED + path]);
  const unpacked = Object.fromEntries(entries) as SshdProgram;
  return [SYSTEM, unpacked].find(hasPenalties);
}

/** Why there is none; undefined: there is one. In CI, a download that failed is no failure of the tests, but is said. */
export function noNewerSshd(): { readonly reason: string; readonly isExcused: boolean } | undefined {
  if (newerSshd() !== undefined) return undefined;
  const { NO_NEWER_SSHD } = process.env;
  return { reason: NO_NEWER_SSHD ?? 'run .ci/newer-sshd', isExcused: NO_NEWER_SSHD !== undefined };
}

function hasPenalties({ sshd, auth }: SshdProgram): boolean {
  if (!existsSync(sshd) || !existsSync(auth)) return false;
  const version = /^OpenSSH_(\d+)/.exec(spawnSync(sshd, ['-V'], { encoding: 'utf8' }).stderr);
  return Number(version?.[1]) >= 10;
}
