import { oneLine } from '../util/text.ts';
import { readInto } from './relay-buffer.ts';
import { isDevNull, isPipeOrSocket, openStdin, openStdout } from './stdio.ts';

/** How long to wait for ssh's banner on stdin; ssh sends it when it starts. */
const BANNER_WAIT_MS = 100;
const SSH_MSG_DISCONNECT = 1;
/** RFC 4253 section 11.1: SSH_DISCONNECT_BY_APPLICATION. */
const BY_APPLICATION = 11;
/** Block size and minimum padding of a packet without a cipher (RFC 4253 section 6). */
const BLOCK = 8;
const MIN_PADDING = 4;

/**
 * An identification string followed by a plaintext SSH_MSG_DISCONNECT (RFC 4253 sections 4.2, 6 and 11.1), for which ssh
 * prints `Received disconnect from ...: reason`.
 */
export function disconnectMessage(reason: string): Buffer {
  const text = Buffer.from(oneLine(reason));
  const payload = Buffer.concat([
    Buffer.from([SSH_MSG_DISCONNECT]),
    uint32(BY_APPLICATION),
    uint32(text.length),
    text,
    uint32(0),
  ]);
  let padding = BLOCK - ((5 + payload.length) % BLOCK);
  if (padding < MIN_PADDING) padding += BLOCK;
  return Buffer.concat([
    Buffer.from('SSH-2.0-knockproxy\r\n'),
    uint32(1 + payload.length + padding),
    Buffer.from([padding]),
    payload,
    Buffer.alloc(padding),
  ]);
}

/**
 * Sends the reason of a failure in-band if stderr is /dev/null, as for a ControlPersist master, and the client speaks
 * SSH, which its banner on stdin shows.
 */
export async function disconnectInBand(reason: string): Promise<void> {
  if (!isDevNull(2) || !isPipeOrSocket(0) || !isPipeOrSocket(1)) return;
  if (!(await stdinSpeaksSsh())) return;
  await new Promise<void>((resolve) => {
    const stdout = openStdout();
    stdout.on('error', () => resolve());
    stdout.end(disconnectMessage(reason), () => resolve());
  });
}

function stdinSpeaksSsh(): Promise<boolean> {
  return new Promise((resolve) => {
    const stdin = openStdin();
    // Timers run before stdin is polled; on a busy machine both may be due.
    const timer = setTimeout(() => setImmediate(resolve, false), BANNER_WAIT_MS);
    const answer = (speaks: boolean) => {
      clearTimeout(timer);
      resolve(speaks);
    };
    readInto(stdin, (bytes) => {
      answer(bytes.subarray(0, 4).toString('latin1') === 'SSH-');
      return false;
    });
    stdin.stream.once('error', () => answer(false)).once('end', () => answer(false));
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
