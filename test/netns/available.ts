import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS =
  'ip nsenter unshare iptables-restore ip6tables-restore nft knockd knock sshd ssh ssh-keygen ping'.split(
    ' ',
  );

/** Why no bed can be made on this machine, or undefined. With `wire`, a C compiler and TAP devices are needed too. */
export function bedUnavailable(wire = true): string | undefined {
  if (process.platform !== 'linux') return `network namespaces need Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = [...PROGRAMS, ...(wire ? ['cc'] : [])].filter((program) => !installed(program));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (wire && !existsSync('/dev/net/tun')) return 'there is no /dev/net/tun';
  const tried = spawnSync('unshare', ['--net', '--mount', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `cannot make namespaces: ${tried.stderr.trim()}`;
}

/** Whether a program is on PATH or in /usr/sbin. */
export function installed(program: string): boolean {
  return `${process.env.PATH}${delimiter}/usr/sbin`.split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
