import type net from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { openStdin, openStdout } from './stdio.ts';

/**
 * How long we listen to a silent stdin after the server has said its last byte, in milliseconds: a server
 * that only closed its own direction may still want ours, one that is gone needs nothing more.
 */
const LINGER_MS = 1000;

/** What sshd says before it drops a connection (sshd.c: server_accept_loop). */
const SSHD_REFUSAL = /^(Exceeded MaxStartups|Not allowed at this time)/;

/**
 * Carries bytes between stdin/stdout and the connected socket, each direction with backpressure and closed
 * on its own, until both have ended or nobody reads any more. Never rejects: how the session ended is told
 * by the session, not by its carrier.
 *
 * @param closedAtOnce called when the server closes without having sent a byte, or with sshd's word that it has
 *   no room, before stdout ends: the caller may end us when it sees that.
 */
export async function relay(
  socket: net.Socket,
  closedAtOnce: () => void,
  stdin: Readable = openStdin(),
  stdout: Writable = openStdout(),
): Promise<void> {
  let refused = true;
  socket.once('data', (bytes: Buffer) => {
    refused = SSHD_REFUSAL.test(bytes.subarray(0, 200).toString('latin1'));
  });
  const ended = () => {
    if (refused && !stdin.readableEnded && !stdin.destroyed) closedAtOnce();
  };
  socket.once('end', ended).once('error', ended);
  const sent = carry(stdin, socket);
  // A caller that breaks off waits for no answer.
  sent.then((wholly) => wholly || socket.destroy());
  const received = await carry(socket, stdout);
  if (received) await Promise.race([sent, silence(stdin)]);
  socket.destroy();
}

/** Resolves with true when the source has ended and everything is flushed, with false when either broke. */
function carry(from: Readable, to: Writable): Promise<boolean> {
  return new Promise((resolve) => {
    from.on('error', () => resolve(false));
    from.on('close', () => from.readableEnded || resolve(false));
    to.on('error', () => resolve(false));
    to.on('finish', () => resolve(true));
    to.on('close', () => resolve(to.writableFinished));
    from.pipe(to);
  });
}

/** Resolves when nothing has come for LINGER_MS. */
function silence(stdin: Readable): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    stdin.on('data', () => timer.refresh());
  });
}
