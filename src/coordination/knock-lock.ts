import net from 'node:net';
import path from 'node:path';
import { type Clock, realClock, sleep } from '../util/clock.ts';
import { makePrivateSubfolder } from '../util/private-files.ts';
import { PausableTimer } from './pausable-timer.ts';
import { fitsSocket, identityOf, removeStale } from './stale-socket.ts';

/**
 * Serializes knocking on a server: knockd keeps one state per source address, so two processes of this machine that
 * knock at once break each other's sequences. The owner listens on a UNIX socket; the others connect to it and wait until
 * it announces an open door or closes. The kernel releases the lock of a process that dies.
 */
export interface KnockLock {
  /** While the owner asks its user for something, the timeout of the waiters is paused, for at most MAX_ASKING_MS. */
  setAsking(isAsking: boolean): void;
  /** Whether other processes wait for the lock. */
  readonly hasWaiters: boolean;
  /** @param opened the name of the door that is now open, announced to the waiters. */
  release(opened?: string): void;
}

export type LockOutcome =
  | { readonly kind: 'locked'; readonly lock: KnockLock }
  /** No lock is available here (Windows, a folder that others can use), or the wait timed out: `lock` does nothing. */
  | { readonly kind: 'none'; readonly lock: KnockLock }
  /** The owner opened a door during the wait. */
  | { readonly kind: 'opened'; readonly door: string };

interface LockOptions {
  /** The socket. */
  readonly file: string;
  /** How long to wait at most. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the time that the wait was paused because the owner asked its user for something. */
  readonly onPaused?: (ms: number) => void;
  readonly clock?: Clock;
  readonly sockets?: LockSockets;
}

/** The part of node:net that a lock uses. */
export type LockSockets = Pick<typeof net, 'createServer' | 'connect'>;

/** How long a login waits for the lock at most. */
export const MAX_LOCK_WAIT_MS = 2000;
/** Limits how long an owner stopped by Ctrl-Z while it asks delays the others. */
const MAX_ASKING_MS = 65_000;
/** Retry after this time if the owner has bound its socket but does not listen yet. */
const BINDING_RETRY_MS = 5;
const ASKING = 'asking\n';
const GOING_ON = 'going on\n';

const NO_LOCK: KnockLock = { hasWaiters: false, setAsking() {}, release() {} };
const NONE: LockOutcome = { kind: 'none', lock: NO_LOCK };

/** Takes the lock, or waits until its owner releases it or opens a door. */
export async function takeKnockLock(options: LockOptions): Promise<LockOutcome> {
  const { file, waitMs, signal, onPaused, clock = realClock, sockets = net } = options;
  if (process.platform === 'win32' || !fitsSocket(file)) return NONE;
  if (!makePrivateSubfolder(path.dirname(file))) return NONE;
  let endMs = clock.nowMs() + waitMs;
  while (clock.nowMs() < endMs && !signal?.aborted) {
    const own = await listen(file, sockets);
    if (own !== undefined) return own;
    const timer = new PausableTimer(endMs - clock.nowMs(), clock);
    const answer = await waitForOwner(file, timer, signal, sockets);
    endMs += timer.pausedMs;
    onPaused?.(timer.pausedMs);
    if (answer.kind === 'opened') return answer;
    if (answer.kind === 'unreachable') return NONE;
    if (answer.kind === 'binding') await sleep(BINDING_RETRY_MS, signal, clock);
  }
  return NONE;
}

/** @returns undefined if another process has the lock. */
function listen(file: string, sockets: LockSockets): Promise<LockOutcome | undefined> {
  return new Promise((resolve) => {
    const waiting = new Set<net.Socket>();
    let isAsking = false;
    const server = sockets.createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
      socket.unref();
      if (isAsking) socket.write(ASKING);
    });
    server.unref();
    server.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRINUSE' ? undefined : NONE),
    );
    const lock: KnockLock = {
      setAsking(asking) {
        isAsking = asking;
        for (const socket of waiting) socket.write(asking ? ASKING : GOING_ON);
      },
      release: (opened) => release(server, waiting, opened),
      get hasWaiters() {
        return waiting.size > 0;
      },
    };
    server.listen(file, () => resolve({ kind: 'locked', lock }));
  });
}

function release(server: net.Server, waiting: ReadonlySet<net.Socket>, opened: string | undefined): void {
  server.close();
  for (const socket of waiting) {
    if (opened === undefined) socket.destroy();
    else socket.end(`opened ${opened}\n`);
  }
}

type OwnerAnswer =
  | { readonly kind: 'opened'; readonly door: string }
  /** It released the lock or died, or the wait timed out. */
  | { readonly kind: 'gone' }
  /** It may be between bind(2) and listen(2). */
  | { readonly kind: 'binding' }
  /** It cannot be connected to, or has asked its user for longer than MAX_ASKING_MS. */
  | { readonly kind: 'unreachable' };

function waitForOwner(
  file: string,
  timer: PausableTimer,
  signal: AbortSignal | undefined,
  sockets: LockSockets,
): Promise<OwnerAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let failure: OwnerAnswer | undefined;
    const seen = identityOf(file);
    const socket = sockets.connect(file);
    const end = () => socket.destroy();
    const endOverdue = () => {
      failure = { kind: 'unreachable' };
      end();
    };
    timer.start(end);
    signal?.addEventListener('abort', end, { once: true });
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const isAsking = text.lastIndexOf(ASKING) > text.lastIndexOf(GOING_ON);
      if (isAsking) timer.pause(MAX_ASKING_MS, endOverdue);
      else timer.start(end);
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') failure = { kind: removeStale(file, seen) ? 'gone' : 'binding' };
      else if (!['ENOENT', 'ECONNRESET', 'EPIPE'].includes(code)) failure = { kind: 'unreachable' };
    });
    socket.on('close', () => {
      timer.stop();
      signal?.removeEventListener('abort', end);
      resolve(failure ?? announcement(text));
    });
  });
}

function announcement(text: string): OwnerAnswer {
  const [, door] = /^opened (.*)$/m.exec(text) ?? [];
  return door === undefined ? { kind: 'gone' } : { kind: 'opened', door };
}
