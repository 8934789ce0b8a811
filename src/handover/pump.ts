import type { Writable } from 'node:stream';
import { type ByteSource, readInto } from './relay-buffer.ts';

/**
 * Copies one direction of a relay with backpressure, and its end. Resolves with true when the source has ended and
 * everything is flushed, with false when either side failed.
 *
 * @param onBytes called with all bytes before they are written.
 */
export function pump(
  source: ByteSource,
  to: Writable,
  onBytes: (bytes: Buffer) => void = () => {},
): Promise<boolean> {
  const { stream } = source;
  return new Promise((resolve) => {
    stream.on('end', () => to.end());
    stream.on('error', () => resolve(false));
    stream.on('close', () => stream.readableEnded || resolve(false));
    to.on('error', () => resolve(false));
    to.on('finish', () => resolve(true));
    to.on('close', () => resolve(to.writableFinished));
    readInto(source, (bytes) => {
      onBytes(bytes);
      let goesOn = false;
      to.write(bytes, () => goesOn || stream.resume());
      // If the kernel took everything at once, there is nothing to wait for.
      goesOn = to.writableLength === 0;
      return goesOn;
    });
  });
}
