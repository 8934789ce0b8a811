import type net from 'node:net';
import type { Readable } from 'node:stream';

/**
 * How much is read at once, in bytes: two pipes full. Each direction of a relay has one such buffer and reads
 * nothing before it is empty again.
 */
const BUFFER_BYTES = 131_072;

/** Takes bytes. Returns whether reading goes on at once; if not, who takes them resumes the stream later. */
export type Take = (bytes: Buffer) => boolean;

/**
 * What a socket reads into, given to it as `onread` when it is made. Reading into the same memory again and again
 * takes half the CPU time of a stream's buffers.
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

  /** Where the bytes go from now on. */
  set take(take: Take) {
    this.#take = take;
  }
}

/** What is read: a socket with its buffer, or any other stream. */
export interface Source {
  readonly stream: Readable;
  readonly buffer?: RelayBuffer | undefined;
}

/** Begins to read. */
export function readInto({ stream, buffer }: Source, take: Take): void {
  if (buffer === undefined) stream.on('data', (bytes: Buffer) => take(bytes) || stream.pause());
  else buffer.take = take;
  stream.resume();
}
