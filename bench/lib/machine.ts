import { execFileSync, spawnSync } from 'node:child_process';
import os from 'node:os';

/** Where and with what a bench ran. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly load1: number;
  readonly node: string;
  readonly programs: Record<string, string>;
}

/** Debian packages whose version a reader needs. */
const PACKAGES =
  'openssh-client openssh-server knockd fwknop-server iptables nftables netcat-openbsd ncat socat ansible-core'.split(
    ' ',
  );

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    load1: Number(os.loadavg()[0]!.toFixed(2)),
    node: process.version,
    programs: Object.fromEntries(PACKAGES.flatMap(installedVersion)),
  };
}

/** One line for the README. */
export function machineLine(machine: Machine): string {
  const { date, cpu, cores, memoryGiB, kernel, node, programs } = machine;
  const versions = Object.entries(programs).map(([name, version]) => `${name} ${version}`);
  return `${date.slice(0, 10)}, ${cores} x ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}; ${versions.join(', ')}`;
}

/** The commit of the tree, with `+` when files of the program differ from it. */
export function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src', 'scripts') && '+')
    );
  } catch {
    return 'unknown';
  }
}

function installedVersion(name: string): [string, string][] {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${' + 'Version}', name], { encoding: 'utf8' });
  return asked.status === 0 && asked.stdout ? [[name, asked.stdout]] : [];
}
