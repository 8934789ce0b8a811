import fs from 'node:fs';
import net from 'node:net';
import type { Writable } from 'node:stream';
import { type ByteSource, RelayBuffer } from './relay-buffer.ts';

/** The client's bytes. Reading starts at once, so open it only when they can be forwarded. */
export function openStdin(): ByteSource {
  if (!isPipeOrSocket(0)) return { stream: process.stdin };
  const buffer = new RelayBuffer();
  const options: net.SocketConstructorOpts & { onread: net.OnReadOpts } = {
    fd: 0,
    readable: true,
    writable: false,
    onread: buffer,
  };
  return { stream: new net.Socket(options), buffer };
}

/** Where the server's bytes go. A pipe opened this way never blocks the event loop. */
export function openStdout(): Writable {
  return isPipeOrSocket(1) ? new net.Socket({ fd: 1, readable: false, writable: true }) : process.stdout;
}

export function isPipeOrSocket(fd: number): boolean {
  if (process.platform === 'win32') return false;
  const stat = fs.fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

/**
 * Whether stdin and stdout are the same UNIX socket. The second handle on fd 1 is harmless: it neither reads nor writes
 * and is never closed.
 */
export function isUnixSocketPair(): boolean {
  if (process.platform === 'win32') return false;
  const [stdin, stdout] = [fs.fstatSync(0), fs.fstatSync(1)];
  if (!stdout.isSocket() || stdin.ino !== stdout.ino || stdin.dev !== stdout.dev) return false;
  const { address } = new net.Socket({ fd: 1, readable: false }).address() as { address?: string };
  return address === undefined;
}

export function isDevNull(fd: number): boolean {
  if (process.platform === 'win32') return false;
  const stat = fs.fstatSync(fd);
  return stat.isCharacterDevice() && stat.rdev === fs.statSync('/dev/null').rdev;
}
