import type net from 'node:net';
import { pump } from './pump.ts';
import type { RelayBuffer } from './relay-buffer.ts';

/**
 * Relays between a client and the server until both directions have ended. Each direction has backpressure and ends
 * separately; an aborted connection aborts the other one. Never rejects.
 *
 * @param buffer passed to the server's socket as `onread`.
 */
export async function relaySockets(
  client: net.Socket,
  server: net.Socket,
  buffer: RelayBuffer,
): Promise<void> {
  const abort = () => {
    abortConnection(client);
    abortConnection(server);
  };
  // A server that has sent everything may stop reading: its last bytes still go to the client.
  const sent = pump({ stream: client }, server).then((ok) => ok || server.readableEnded || abort());
  const received = pump({ stream: server, buffer }, client).then((ok) => ok || abort());
  await Promise.all([sent, received]);
  client.destroy();
  server.destroy();
}

/** Closes a connection by a reset, so that the peer does not take what it got for everything. */
export function abortConnection(socket: net.Socket): void {
  // A UNIX socket has no reset.
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
