import fs from 'node:fs';
import { nowMs } from '../util/clock.ts';

/** How long the writer of a pipe may let us wait, in milliseconds, and how much a device may give, in bytes. */
const MOST_WAIT_MS = 2000;
const LOOK_EVERY_MS = 5;
const MOST_BYTES = 1 << 23;

/** What comes from a pipe (`-F <(command)`) or a device such as /dev/null, to its end. @throws ETIMEDOUT, EFBIG. */
export function readStream(fd: number): string {
  const isPipe = fs.fstatSync(fd).isFIFO();
  const chunk = Buffer.alloc(1 << 16);
  const endMs = nowMs() + MOST_WAIT_MS;
  let text = '';
  while (text.length <= MOST_BYTES) {
    const length = readSome(fd, chunk);
    // Before its first byte a pipe may have no writer yet.
    if (length === 0 && (!isPipe || text !== '')) return text;
    if (length !== undefined && length > 0) text += chunk.toString('latin1', 0, length);
    else if (nowMs() > endMs) throw withCode('ETIMEDOUT');
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
  throw withCode('EFBIG');
}

/** @returns undefined when there is nothing yet. */
function readSome(fd: number, chunk: Buffer): number | undefined {
  try {
    return fs.readSync(fd, chunk, 0, chunk.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
