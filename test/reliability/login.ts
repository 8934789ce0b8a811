import { fileURLToPath } from 'node:url';
import { type Host, KNOCKPROXY } from '../netns/index.ts';

/** The program under test; KNOCKPROXY_PROGRAM names a copy of it, so that a build does not disturb a run. */
export const PROGRAM = process.env.KNOCKPROXY_PROGRAM ?? KNOCKPROXY;

/** The limit of bench/limit.c is compiled from here. */
export const LIMIT_SOURCE = fileURLToPath(new URL('../../bench/limit.c', import.meta.url));

/** Longer than any limit of our own: a login that still runs then hangs. */
const HUNG_MS = 15_000;

/** How one attempt to reach sshd went. */
export interface Login {
  readonly opened: boolean;
  /** From the spawn to sshd's banner, in ms; without one, to the end. */
  readonly ms: number;
  /** Sequences begun, as knockproxy -v tells them. */
  readonly sequences: number;
  /** SYNs that arrived at the hidden port, and connections that nobody used; NaN: not looked at. */
  readonly syns: number;
  readonly strays: number;
  readonly stderr: string;
}

export interface LoginOptions {
  readonly env?: Record<string, string>;
  /** Killed by SIGKILL so long after the spawn. */
  readonly killAfterMs?: number;
}

/** ssh sends its own banner at once; without it, a lost last ACK of the handshake costs a second. */
const OUR_BANNER = 'SSH-2.0-certain\r\n';

/** Runs a ProxyCommand until the server's banner arrives, then ends it as ssh does, by SIGHUP. */
export function untilBanner(host: Host, argv: readonly string[], options: LoginOptions = {}): Promise<Login> {
  const [command = '', ...args] = argv;
  const startMs = performance.now();
  const child = host.spawn(command, args, { env: options.env ?? {}, detached: true });
  let [stdout, stderr, bannerMs] = ['', '', 0];
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  child.stdin.on('error', () => {}).write(OUR_BANNER);
  child.stdout.on('data', (data) => {
    stdout += data;
    if (bannerMs > 0 || !/^SSH-/m.test(stdout)) return;
    bannerMs = performance.now() - startMs;
    child.kill('SIGHUP');
  });
  const timer = setTimeout(() => killGroup(child.pid), options.killAfterMs ?? HUNG_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const ms = bannerMs || performance.now() - startMs;
      resolve({ opened: bannerMs > 0, ms, ...told(stderr), syns: Number.NaN, strays: Number.NaN });
    });
  });
}

/** What knockproxy -v has told. */
export function told(stderr: string): Pick<Login, 'sequences' | 'stderr'> {
  return { sequences: stderr.match(/: try \d+: /g)?.length ?? 0, stderr };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
