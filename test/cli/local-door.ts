import dgram from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { onTestFinished } from 'vitest';

interface LocalDoor {
  /** Refused until the knock comes. */
  readonly port: number;
  /** For KnockSequence: one UDP packet. */
  readonly sequence: string;
}

/** A port of this machine that one UDP packet opens, with an SSH banner behind it. */
export async function localDoor(): Promise<LocalDoor> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('SSH-2.0-Test_1.0\r\n');
  });
  const port = await freePort();
  const knocked = dgram.createSocket('udp4');
  knocked.once('message', () => server.listen(port, '127.0.0.1'));
  knocked.bind(0, '127.0.0.1');
  await once(knocked, 'listening');
  onTestFinished(() => {
    knocked.close();
    server.close();
  });
  return { port, sequence: `${knocked.address().port}:udp` };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
