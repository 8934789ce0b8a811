import { printable } from '../util/log.ts';
import { readInto } from './relay-buffer.ts';
import { isDevNull, isPipeOrSocket, openStdin, openStdout } from './stdio.ts';

/** How long ssh's banner, sent at its start, may take to show on stdin, in milliseconds. */
const BANNER_WAIT_MS = 100;
const SSH_MSG_DISCONNECT = 1;
/** RFC 4253 section 11.1: SSH_DISCONNECT_BY_APPLICATION. */
const BY_APPLICATION = 11;
/** The block that a packet without a cipher is padded to, and its least padding (RFC 4253 section 6). */
const BLOCK = 8;
const MIN_PADDING = 4;

/**
 * The reason of a failure in the words of the SSH protocol: our identification and a plaintext
 * SSH_MSG_DISCONNECT (RFC 4253 sections 4.2, 6 and 11.1), which makes ssh print
 * `Received disconnect from ...: reason`.
 */
export function disconnectMessage(reason: string): Buffer {
  const text = Buffer.from(printable(reason));
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
 * Tells the reason in-band where nobody would see it on stderr: a ControlPersist master has /dev/null there.
 * Only when the other side speaks SSH, which its banner on stdin shows.
 */
export async function tellInBand(reason: string): Promise<void> {
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
    // Timers run before stdin is looked at: on a busy machine both are due.
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
