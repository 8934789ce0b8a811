import fs from 'node:fs';
import { nowMs } from '../util/clock.ts';

/** How long to wait for the writer of a pipe, and how much to read from a device. */
const MAX_WAIT_MS = 2000;
const LOOK_EVERY_MS = 5;
const MAX_BYTES = 1 << 23;

/** Reads a pipe (`-F <(command)`) or a device such as /dev/null to its end. @throws ETIMEDOUT, EFBIG. */
export function readStream(fd: number): string {
  const isPipe = fs.fstatSync(fd).isFIFO();
  const chunk = Buffer.alloc(1 << 16);
  const endMs = nowMs() + MAX_WAIT_MS;
  let text = '';
  while (text.length <= MAX_BYTES) {
    const length = readSome(fd, chunk);
    // A pipe may have no writer yet.
    if (length === 0 && (!isPipe || text !== '')) return text;
    if (length !== undefined && length > 0) text += chunk.toString('latin1', 0, length);
    else if (nowMs() > endMs) throw withCode('ETIMEDOUT');
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
  throw withCode('EFBIG');
}

/** @returns undefined if there is nothing yet. */
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
