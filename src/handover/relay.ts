import type net from 'node:net';
import type { Writable } from 'node:stream';
import { nowMs, sleep } from '../util/clock.ts';
import { type RelayBuffer, readInto, type Source } from './relay-buffer.ts';
import { openStdin, openStdout } from './stdio.ts';

/**
 * How long we listen to a silent stdin after the server has said its last byte, in milliseconds: a server
 * that only closed its own direction may still want ours, one that is gone needs nothing more. An SSH server has no use
 * for half a connection; of another one that has answered, the client may pause.
 */
const LINGER_MS = 1000;
const LINGER_OTHERS_MS = 10_000;

/** What sshd says before it drops a connection (sshd.c: server_accept_loop). */
const SSHD_REFUSAL = /^(Exceeded MaxStartups|Not allowed at this time)/;

export interface RelayOptions {
  /**
   * Called when the server closes without having sent a byte, or with sshd's word that it has no room, before stdout
   * ends: the caller may end us when it sees that.
   */
  readonly closedAtOnce: () => void;
  /** What the socket was made to read into, if anything. */
  readonly buffer?: RelayBuffer | undefined;
  readonly stdin?: Source;
  readonly stdout?: Writable;
}

/**
 * Carries bytes between stdin/stdout and the connected socket, each direction with backpressure and closed
 * on its own, until both have ended or nobody reads any more. Never rejects: how the session ended is told
 * by the session, not by its carrier.
 */
export async function relay(socket: net.Socket, options: RelayOptions): Promise<void> {
  const { closedAtOnce, buffer, stdin = openStdin(), stdout = openStdout() } = options;
  let refused = true;
  let spokeMs = 0;
  const ended = () => {
    if (refused && !stdin.stream.readableEnded && !stdin.stream.destroyed) closedAtOnce();
  };
  socket.once('end', ended).once('error', ended);
  const sent = carry(stdin, socket, () => {
    spokeMs = nowMs();
  });
  // A caller that breaks off waits for no answer.
  sent.then((wholly) => wholly || socket.destroy());
  let isFirst = true;
  let lingerMs = LINGER_MS;
  const received = await carry({ stream: socket, buffer }, stdout, (bytes) => {
    if (!isFirst) return;
    isFirst = false;
    const start = bytes.subarray(0, 200).toString('latin1');
    refused = SSHD_REFUSAL.test(start);
    if (!refused && !start.startsWith('SSH-')) lingerMs = LINGER_OTHERS_MS;
  });
  // What waits to be written is no silence.
  const busyMs = () => (socket.writableLength > 0 ? nowMs() : spokeMs);
  if (received) await Promise.race([sent, silence(busyMs, lingerMs)]);
  socket.destroy();
}

/**
 * Resolves with true when the source has ended and everything is flushed, with false when either broke.
 *
 * @param seen is shown all that goes by.
 */
function carry(source: Source, to: Writable, seen: (bytes: Buffer) => void): Promise<boolean> {
  const { stream } = source;
  return new Promise((resolve) => {
    stream.on('end', () => to.end());
    stream.on('error', () => resolve(false));
    stream.on('close', () => stream.readableEnded || resolve(false));
    to.on('error', () => resolve(false));
    to.on('finish', () => resolve(true));
    to.on('close', () => resolve(to.writableFinished));
    readInto(source, (bytes) => {
      seen(bytes);
      let isGoingOn = false;
      to.write(bytes, () => isGoingOn || stream.resume());
      // What the kernel took at once needs no wait.
      isGoingOn = to.writableLength === 0;
      return isGoingOn;
    });
  });
}

/** Resolves when nothing has come for that time. */
async function silence(spokeMs: () => number, lingerMs: number): Promise<void> {
  const beganMs = nowMs();
  for (;;) {
    const quietMs = nowMs() - Math.max(beganMs, spokeMs());
    if (quietMs >= lingerMs) return;
    await sleep(lingerMs - quietMs);
  }
}
