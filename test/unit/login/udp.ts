import dgram from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A UDP port of loopback that hears knocks. */
export class Udp {
  /** The port of each datagram heard, in order: a list that several ports may share. */
  readonly received: number[];
  readonly #socket: dgram.Socket;

  /** @param received where several ports note what they hear, in order. */
  static async listen(received: number[] = []): Promise<Udp> {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new Udp(socket, received);
  }

  private constructor(socket: dgram.Socket, received: number[]) {
    this.#socket = socket;
    this.received = received;
    socket.on('message', () => received.push(this.step.port));
  }

  /** The step that knocks here. */
  get step() {
    return { port: (this.#socket.address() as AddressInfo).port, protocol: 'udp' as const };
  }

  close(): void {
    this.#socket.close();
  }
}
