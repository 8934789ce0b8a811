import type net from 'node:net';
import type { Readable } from 'node:stream';

/**
 * The most that is read at once: the capacity of two pipes. Each direction of a relay has one such buffer, and reads
 * again only when it is empty.
 */
const BUFFER_BYTES = 131_072;

/** Consumes bytes. @returns whether to go on reading; if false, the consumer resumes the stream later. */
type Take = (bytes: Buffer) => boolean;

/**
 * The `onread` option of a socket. Reading into the same memory again and again takes half the CPU time of a stream's
 * own buffers.
 */
export class RelayBuffer implements net.OnReadOpts {
  #take: Take = () => false;
  #buffer: Buffer | undefined;

  readonly buffer = (): Buffer => {
    this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
    return this.#buffer;
  };

  readonly callback = (count: number, buffer: Uint8Array): boolean =>
    this.#take(buffer.subarray(0, count) as Buffer);

  /** Sets the consumer. */
  set take(take: Take) {
    this.#take = take;
  }
}

/** A socket with its buffer, or any other stream. */
export interface ByteSource {
  readonly stream: Readable;
  readonly buffer?: RelayBuffer | undefined;
}

/** Starts reading. */
export function readInto({ stream, buffer }: ByteSource, take: Take): void {
  if (buffer === undefined) stream.on('data', (bytes: Buffer) => take(bytes) || stream.pause());
  else buffer.take = take;
  stream.resume();
}
