import net from 'node:net';
import path from 'node:path';
import { type Clock, realClock, sleep } from '../util/clock.ts';
import { makePrivateSubfolder } from '../util/private-files.ts';
import { PausableTimer } from './pausable-timer.ts';
import { fitsSocket, identityOf, removeStale } from './stale-socket.ts';

/**
 * Who may knock on a machine: knockd keeps one state per source address, so two processes of this machine that knock
 * at once break each other's sequences. The owner listens on a UNIX socket; the others connect to it and wait until it
 * announces that a door is open, or closes. The kernel releases the lock of a process that dies.
 */
export interface KnockLock {
  /** While the user is being asked for something, up to MAX_ASKING_MS, the time of those who wait is paused. */
  setAsking(isAsking: boolean): void;
  /** Whether others wait for it. */
  readonly hasWaiters: boolean;
  /** @param opened the name of the door that is open now, announced to those who wait. */
  release(opened?: string): void;
}

export type LockOutcome =
  | { readonly kind: 'locked'; readonly lock: KnockLock }
  /** No lock is to be had here (Windows, a folder that others can use), or the wait is over: go on without. */
  | { readonly kind: 'none'; readonly lock: KnockLock }
  /** The owner has opened a door while we waited. */
  | { readonly kind: 'opened'; readonly door: string };

export interface LockOptions {
  /** The socket. */
  readonly file: string;
  /** How long to wait at most, in milliseconds. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the time, in ms, that the wait was paused because the owner asked its user for something. */
  readonly onPaused?: (ms: number) => void;
  readonly clock?: Clock;
  readonly sockets?: LockSockets;
}

/** The part of node:net that a lock uses. */
export type LockSockets = Pick<typeof net, 'createServer' | 'connect'>;

/** How long a login waits for the lock at most, in milliseconds. */
export const MAX_LOCK_WAIT_MS = 2000;
/** An owner that was stopped by Ctrl-Z while it asks holds up the others no longer than this. */
const MAX_ASKING_MS = 65_000;
/** An owner that has its socket's name but does not listen yet is looked at again after this time. */
const BINDING_RETRY_MS = 5;
const ASKING = 'asking\n';
const GOING_ON = 'going on\n';

export const NO_LOCK: KnockLock = { hasWaiters: false, setAsking() {}, release() {} };
const NONE: LockOutcome = { kind: 'none', lock: NO_LOCK };

/** Waits for the lock, for as long as another process has it and opens no door. */
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

/** The lock, or undefined where another process has it. */
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
  /** It has released the lock, or died, or the wait is over. */
  | { readonly kind: 'gone' }
  /** It may be between bind(2) and listen(2). */
  | { readonly kind: 'binding' }
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
    timer.start(end);
    signal?.addEventListener('abort', end, { once: true });
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const isAsking = text.lastIndexOf(ASKING) > text.lastIndexOf(GOING_ON);
      if (isAsking) timer.pause(MAX_ASKING_MS);
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
