import type net from 'node:net';
import type { Writable } from 'node:stream';
import { nowMs, sleep } from '../util/clock.ts';
import { pump } from './pump.ts';
import type { ByteSource, RelayBuffer } from './relay-buffer.ts';
import { openStdin, openStdout } from './stdio.ts';

/**
 * How long to wait for a silent stdin after the server closed its direction: the server may still read, or be gone. SSH
 * has no half-closed connections; with another protocol the client may pause for longer.
 */
const LINGER_MS = 1000;
const LINGER_NOT_SSH_MS = 10_000;

/** What sshd sends before it drops a connection (sshd.c: server_accept_loop). */
const SSHD_REFUSAL = /^(Exceeded MaxStartups|Not allowed at this time)/;

interface RelayOptions {
  /**
   * Called if the server closes without sending a byte, or with SSHD_REFUSAL. Called before stdout ends, because the
   * caller may then kill this process.
   */
  readonly closedAtOnce: () => void;
  /** The buffer passed to the socket as `onread`, if any. */
  readonly buffer?: RelayBuffer | undefined;
  readonly stdin?: ByteSource;
  readonly stdout?: Writable;
}

/**
 * Relays between stdin/stdout and the connected socket until both directions have ended or nobody reads any more. Each
 * direction has backpressure and is closed separately. Never rejects: ssh itself reports how a session ended.
 */
export async function relay(socket: net.Socket, options: RelayOptions): Promise<void> {
  const { closedAtOnce, buffer, stdin = openStdin(), stdout = openStdout() } = options;
  let refused = true;
  let lastInputMs = 0;
  const ended = () => {
    if (refused && !stdin.stream.readableEnded && !stdin.stream.destroyed) closedAtOnce();
  };
  socket.once('end', ended).once('error', ended);
  const sent = pump(stdin, socket, () => {
    lastInputMs = nowMs();
  });
  // A client whose stdin breaks does not wait for an answer.
  sent.then((complete) => complete || socket.destroy());
  let isFirst = true;
  let lingerMs = LINGER_MS;
  const received = await pump({ stream: socket, buffer }, stdout, (bytes) => {
    if (!isFirst) return;
    isFirst = false;
    const start = bytes.subarray(0, 200).toString('latin1');
    refused = SSHD_REFUSAL.test(start);
    if (!refused && !start.startsWith('SSH-')) lingerMs = LINGER_NOT_SSH_MS;
  });
  // Bytes that wait to be written count as activity.
  const activeMs = () => (socket.writableLength > 0 ? nowMs() : lastInputMs);
  if (received) await Promise.race([sent, silence(activeMs, lingerMs)]);
  socket.destroy();
}

/** Resolves after `lingerMs` without activity. */
async function silence(activeMs: () => number, lingerMs: number): Promise<void> {
  const startedMs = nowMs();
  for (;;) {
    const quietMs = nowMs() - Math.max(startedMs, activeMs());
    if (quietMs >= lingerMs) return;
    await sleep(lingerMs - quietMs);
  }
}
