import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { makePrivateFolder } from '../private-folder.ts';

/**
 * Whose turn it is to knock on a machine: knockd keeps one state per source address, so two processes of this
 * machine that knock at once break each other's sequences. The one that listens on a UNIX socket has the
 * turn; the others connect to it and wait until it tells that a door is open, or is gone. The kernel releases
 * the turn of a process that dies.
 */
export interface Turn {
  /** Ends the turn; `opened` names the door that is open now, for those who wait. */
  release(opened?: string): void;
}

export interface TurnOptions {
  /** The socket. */
  readonly file: string;
  /** How long to wait at most, in milliseconds; after it the caller goes without a turn. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux, with the final zero. */
const MOST_PATH_BYTES = 103;
const NO_TURN: Turn = { release() {} };

/**
 * Waits for the turn.
 *
 * @returns the turn, or the name of the door that the one before us has opened.
 */
export async function takeTurn({ file, waitMs, signal }: TurnOptions): Promise<Turn | string> {
  if (process.platform === 'win32' || Buffer.byteLength(file) > MOST_PATH_BYTES) return NO_TURN;
  if (!makePrivateFolder(path.dirname(file))) return NO_TURN;
  const endMs = performance.now() + waitMs;
  while (performance.now() < endMs && !signal?.aborted) {
    const turn = await listen(file);
    if (turn !== undefined) return turn;
    const told = await waitForHolder(file, endMs - performance.now(), signal);
    if (told === 'unknown') return NO_TURN;
    if (told.startsWith('opened ')) return told.slice('opened '.length).trim();
  }
  return NO_TURN;
}

/** The turn, or undefined where another process has it. */
function listen(file: string): Promise<Turn | undefined> {
  return new Promise((resolve) => {
    const waiting = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
      socket.unref();
    });
    server.unref();
    server.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? undefined : NO_TURN),
    );
    server.listen(file, () => resolve({ release: (opened) => release(server, waiting, opened) }));
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
function waitForHolder(file: string, ms: number, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    let told = '';
    const socket = net.connect(file);
    const end = () => socket.destroy();
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
    socket.setEncoding('utf8').on('data', (text) => {
      told += text;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') removeStale(file);
      else if (error.code !== 'ENOENT' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
        told = 'unknown';
    });
    socket.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve(told);
    });
  });
}

/** The socket of a process that died: nobody listens, but the name is taken. */
function removeStale(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {}
}
