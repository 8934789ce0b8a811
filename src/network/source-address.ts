import { createUdpSocket } from './udp.ts';

/**
 * The source address that the kernel would choose for `address`; undefined without a route. connect(2) on a UDP socket
 * sends nothing.
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
    // Node passes an error to the callback, although its types do not say so.
    socket.connect(9, address, (error?: Error) => done(error ? undefined : socket.address().address));
  });
}
