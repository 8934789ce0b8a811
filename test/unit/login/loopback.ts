import net, { type AddressInfo } from 'node:net';
import type { Target } from '../../../src/network/resolve.ts';
import { type History, NO_HISTORY } from '../../../src/plan/history.ts';

/** A door of which is known that it opens at once, so that tries follow each other quickly. */
export const QUICK: History = {
  ...NO_HISTORY,
  opens: [
    [1, 2],
    [1, 2],
    [1, 2],
  ],
  rttsMs: [1],
};

/** A TCP server on loopback. */
export async function listen(host = '127.0.0.1'): Promise<{ target: Target; close(): void }> {
  const server = net.createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return { target: { address: host, family: 4, port }, close: () => server.close() };
}

/** A TCP port of loopback that refuses. */
export async function closedPort(): Promise<Target> {
  const { target, close } = await listen();
  close();
  return target;
}
