import type net from 'node:net';
import { finished, type Readable, type Writable } from 'node:stream';
import { openStdin, openStdout } from './stdio.ts';

/**
 * How long we listen to a silent stdin after the server has said its last byte, in milliseconds: a server
 * that only closed its own direction may still want ours, one that is gone needs nothing more.
 */
const LINGER_MS = 1000;

/**
 * Carries bytes between stdin/stdout and the connected socket, each direction with backpressure and closed
 * on its own, until both have ended or nobody reads any more. Never rejects: how the session ended is told
 * by the session, not by its carrier.
 */
export async function relay(socket: net.Socket, stdin = openStdin(), stdout = openStdout()): Promise<void> {
  const sent = carry(stdin, socket);
  const received = carry(socket, stdout);
  const receivedWell = await received.then(
    () => true,
    () => false,
  );
  if (receivedWell) await Promise.race([sent.catch(() => {}), silence(stdin)]);
  socket.destroy();
}

/** Resolves when the source has ended and everything is flushed. */
function carry(from: Readable, to: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    from.pipe(to);
    from.on('error', reject);
    finished(to, { readable: false }, (error) => (error ? reject(error) : resolve()));
  });
}

/** Resolves when nothing has come for LINGER_MS. */
function silence(stdin: Readable): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    stdin.on('data', () => timer.refresh());
  });
}
