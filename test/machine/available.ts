import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { bedUnavailable, installed } from '../netns/available.ts';

const PROGRAMS = 'systemd-nspawn ifup sudo knockd nft iptables sshd'.split(' ');

/** What a machine is made of, in a mount namespace that ends with the probe. */
const PROBE = `
cd "$(mktemp -d)"
trap 'cd /; umount -l "$OLDPWD" && rmdir "$OLDPWD"' EXIT
mount -t tmpfs tmpfs "$PWD" && cd "$PWD"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" root
systemd-nspawn --quiet --directory="$PWD/root" --register=no --keep-unit --console=pipe --as-pid2 true
`;

/** Why no machine can be booted here, or undefined. */
export function machineUnavailable(): string | undefined {
  const reason = bedUnavailable(false);
  if (reason !== undefined) return reason;
  const missing = PROGRAMS.filter((program) => !installed(program));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  return existsSync('/lib/systemd/systemd') ? undefined : 'not installed: systemd';
}

/** Why systemd-nspawn may not run here, for want of mounts or cgroups, though it is installed; undefined: it may. */
export function containerRefused(): string | undefined {
  const probe = spawnSync('unshare', ['--mount', 'sh', '-ec', PROBE], { encoding: 'utf8', timeout: 60_000 });
  if (probe.status === 0) return undefined;
  return `systemd-nspawn cannot run here: ${probe.stderr.trim().split('\n').at(-1) || 'no answer'}`;
}
