import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits for its stdin to end, then removes one bed: $1 is the temp dir, $2 what is mounted in it, the rest are namespaces.
 * Every process inside the bed's own namespaces was started through the bed, so killing them touches nobody else.
 */
const SCRIPT = `
read -r _ || true
dir=$1 mounts=$2; shift 2
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  pids=
  for ns in "$@"; do pids="$pids $(ip netns pids "$ns" 2>/dev/null)"; done
  set -f; pids=$(echo $pids)
  [ -z "$pids" ] && break
  kill -9 $pids 2>/dev/null
  sleep 0.01
done
for ns in "$@"; do ip netns del "$ns" 2>/dev/null; done
for mount in $mounts; do umount -l "$mount" 2>/dev/null; done
rm -rf "$dir"
`;

/** The one clean-up path of a bed, for close() and for every way this process can die, SIGKILL included. */
export class Reaper {
  private readonly child;
  private readonly gone: Promise<unknown>;

  /** Must start before the first namespace is made. It has a session of its own: Ctrl-C does not reach it. */
  constructor(dir: string, namespaces: readonly string[], mounts: readonly string[] = []) {
    this.child = spawn('sh', ['-c', SCRIPT, 'knockproxy-bed-reaper', dir, mounts.join(' '), ...namespaces], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    this.gone = once(this.child, 'exit');
    this.child.stdin.on('error', () => {});
    this.child.unref();
    (this.child.stdin as unknown as { unref(): void }).unref();
  }

  /** Removes the bed; returns when namespaces, processes and files are gone. Safe to call twice. */
  async reap(): Promise<void> {
    this.child.ref();
    this.child.stdin.end();
    await this.gone;
  }
}
