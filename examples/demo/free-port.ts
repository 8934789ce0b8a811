import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { portOf } from './knock-port.ts';

/** Below the range the kernel takes source ports from: 32768 on Linux, 49152 elsewhere. */
const RANGE = [20_000, 32_768] as const;
const TRIES = 50;

/**
 * Finds a TCP port nobody listens on, for a door that is to be shut most of the time.
 *
 * Not port 0: the kernel would choose from the range of its source ports, and a connect to a shut port of that range
 * can be given the same number as its source. On loopback such a connect reaches itself and succeeds.
 */
export async function freeTargetPort(host: string): Promise<number> {
  for (let tries = TRIES; ; tries--) {
    try {
      return await bindOnce(host, randomInt(...RANGE));
    } catch (error) {
      if (tries <= 1) throw error;
    }
  }
}

async function bindOnce(host: string, port: number): Promise<number> {
  const server = net.createServer().listen(port, host);
  await once(server, 'listening');
  const bound = portOf(server);
  server.close();
  await once(server, 'close');
  return bound;
}
