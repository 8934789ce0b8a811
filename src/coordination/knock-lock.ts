import net from 'node:net';
import path from 'node:path';
import { nowMs } from '../util/clock.ts';
import { makePrivateSubfolder } from '../util/private-files.ts';
import { sleep } from '../util/sleep.ts';
import { PausableTimer } from './pausable-timer.ts';
import { fitsSocket, identityOf, removeStale } from './stale-socket.ts';

/**
 * Whose turn it is to knock on a machine: knockd keeps one state per source address, so two processes of this
 * machine that knock at once break each other's sequences. The one that listens on a UNIX socket has the
 * turn; the others connect to it and wait until it tells that a door is open, or is gone. The kernel releases
 * the turn of a process that dies.
 */
export interface KnockLock {
  /**
   * Says whether the user is being asked for something: as long as that lasts, up to LONGEST_ASKING_MS, the time
   * of those who wait stands still.
   */
  setAsking(isAsking: boolean): void;
  /** Whether others wait for it. */
  readonly hasWaiters: boolean;
  /** Ends the turn; `opened` names the door that is open now, for those who wait. */
  release(opened?: string): void;
}

export interface LockOptions {
  /** The socket. */
  readonly file: string;
  /** How long to wait at most, in milliseconds; after it the caller goes without a turn. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told how long the wait stood still because another process asked its user for something, in milliseconds. */
  readonly onPaused?: (ms: number) => void;
}

/** No login waits longer for its turn, in milliseconds; then it goes without. */
export const MAX_LOCK_WAIT_MS = 2000;
/** What is had where there can be no turns, or after the wait. */
export const NO_LOCK: KnockLock = { hasWaiters: false, setAsking() {}, release() {} };
/** Its holder may have been stopped by Ctrl-Z, in milliseconds. */
const LONGEST_ASKING_MS = 65_000;
/** Told where somebody may be about to listen; after so long, in milliseconds, that is looked at again. */
const BINDING = 'binding';
const LOOK_AGAIN_MS = 5;
const ASKING = 'asking\n';
const GOING_ON = 'going on\n';

/**
 * Waits for the turn.
 *
 * @returns the turn, or the name of the door that the one before us has opened.
 */
export async function takeKnockLock({
  file,
  waitMs,
  signal,
  onPaused: stoodStill,
}: LockOptions): Promise<KnockLock | string> {
  if (process.platform === 'win32' || !fitsSocket(file)) return NO_LOCK;
  if (!makePrivateSubfolder(path.dirname(file))) return NO_LOCK;
  let endMs = nowMs() + waitMs;
  while (nowMs() < endMs && !signal?.aborted) {
    const turn = await listen(file);
    if (turn !== undefined) return turn;
    const clock = new PausableTimer(endMs - nowMs());
    const told = await waitForHolder(file, clock, signal);
    endMs += clock.stoodStillMs;
    stoodStill?.(clock.stoodStillMs);
    if (told === 'unknown') return NO_LOCK;
    if (told === BINDING) await sleep(LOOK_AGAIN_MS);
    const [, opened] = /^opened (.*)$/m.exec(told) ?? [];
    if (opened !== undefined) return opened;
  }
  return NO_LOCK;
}

/** The turn, or undefined where another process has it. */
function listen(file: string): Promise<KnockLock | undefined> {
  return new Promise((resolve) => {
    const waiting = new Set<net.Socket>();
    let isAsking = false;
    const server = net.createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
      socket.unref();
      if (isAsking) socket.write(ASKING);
    });
    server.unref();
    server.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? undefined : NO_LOCK),
    );
    const asks = (asking: boolean) => {
      isAsking = asking;
      for (const socket of waiting) socket.write(asking ? ASKING : GOING_ON);
    };
    server.listen(file, () =>
      resolve({
        setAsking: asks,
        release: (opened) => release(server, waiting, opened),
        get hasWaiters() {
          return waiting.size > 0;
        },
      }),
    );
  });
}

function release(server: net.Server, waiting: ReadonlySet<net.Socket>, opened: string | undefined): void {
  server.close();
  for (const socket of waiting) {
    if (opened === undefined) socket.destroy();
    else socket.end(`opened ${opened}\n`);
  }
}

/** What the holder tells; '' when it is gone, or was, without a word; 'unknown' when it cannot be asked. */
function waitForHolder(file: string, clock: PausableTimer, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    let told = '';
    const seen = identityOf(file);
    const socket = net.connect(file);
    const end = () => socket.destroy();
    clock.start(end);
    signal?.addEventListener('abort', end, { once: true });
    socket.setEncoding('utf8').on('data', (text) => {
      told += text;
      const isAsking = told.lastIndexOf(ASKING) > told.lastIndexOf(GOING_ON);
      if (isAsking) clock.stop(LONGEST_ASKING_MS);
      else clock.start(end);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') told = removeStale(file, seen) ? '' : BINDING;
      else if (error.code !== 'ENOENT' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
        told = 'unknown';
    });
    socket.on('close', () => {
      clock.done();
      signal?.removeEventListener('abort', end);
      resolve(told);
    });
  });
}
