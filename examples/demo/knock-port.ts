import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import type { Step } from './attempts.ts';

/** Called for everything that arrives at a knock port; `from` is the source address. */
export type OnKnock = (knock: Step, from: string) => void;

/** How often a pair of ports is tried before giving up: the UDP side of a free TCP port can be taken. */
const BIND_TRIES = 20;

/** One knock port: a TCP and a UDP listener on the same number. */
export class KnockPort {
  private constructor(
    private readonly tcp: net.Server,
    private readonly udp: dgram.Socket,
  ) {}

  /**
   * Binds both listeners.
   * @param port the number, or 0 for one which is free for TCP and UDP
   * @throws the error of the last `bind`, for example EADDRINUSE
   */
  static async bind(host: string, port: number, onKnock: OnKnock): Promise<KnockPort> {
    for (let tries = port === 0 ? BIND_TRIES : 1; ; tries--) {
      const tcp = await listenTcp(host, port, onKnock);
      try {
        return new KnockPort(tcp, await bindUdp(host, portOf(tcp), onKnock));
      } catch (error) {
        tcp.close();
        if (tries <= 1) throw error;
      }
    }
  }

  get port(): number {
    return portOf(this.tcp);
  }

  async close(): Promise<void> {
    const closed = [once(this.tcp, 'close'), once(this.udp, 'close')];
    this.tcp.close();
    this.udp.close();
    await Promise.all(closed);
  }
}

async function listenTcp(host: string, port: number, onKnock: OnKnock): Promise<net.Server> {
  const server = net.createServer((socket) => {
    // A caller who already reset the connection has no address any more: on loopback it can only be the host itself.
    onKnock({ protocol: 'tcp', port: portOf(server) }, socket.remoteAddress ?? host);
    socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function bindUdp(host: string, port: number, onKnock: OnKnock): Promise<dgram.Socket> {
  const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('message', (_data, remote) => onKnock({ protocol: 'udp', port }, remote.address));
  socket.bind(port, host);
  await once(socket, 'listening');
  return socket;
}

/** The number a listening server is bound to. */
export function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}
