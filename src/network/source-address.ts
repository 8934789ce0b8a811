import { createUdpSocket } from './udp.ts';

/**
 * The local address the kernel would send from to reach `address`, or undefined where there is no route.
 * connect(2) on a UDP socket sends nothing.
 */
export function sourceAddress(address: string, family: 4 | 6): Promise<string | undefined> {
  const isLinkLocal = family === 6 && /^fe[89ab]/i.test(address);
  if (isLinkLocal) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = createUdpSocket(family);
    const done = (source: string | undefined) => {
      socket.close();
      resolve(source);
    };
    socket.once('error', () => done(undefined));
    // Node tells the callback of an error, whatever its types say.
    socket.connect(9, address, (error?: Error) => done(error ? undefined : socket.address().address));
  });
}
