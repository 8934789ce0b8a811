import type { Target } from '../network/resolve.ts';
import { createUdpSocket } from '../network/udp.ts';

export interface Route {
  /** What the kernel says: ENETUNREACH for example; undefined: there is a route. */
  readonly code?: string;
  readonly localAddress?: string;
}

/** Whether this machine has a route, and which of its addresses it uses. connect(2) of a UDP socket sends nothing. */
export function routeTo({ address, family, localAddress }: Target): Promise<Route> {
  return new Promise((resolve) => {
    const socket = createUdpSocket(family);
    const done = (route: Route) => {
      socket.close();
      resolve(route);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => done({ code: error.code ?? 'unknown' }));
    socket.bind({ port: 0, ...(localAddress !== undefined && { address: localAddress }) }, () => {
      // Node tells the callback of an error, whatever its types say.
      socket.connect(9, address, (error?: NodeJS.ErrnoException) =>
        done(error ? { code: error.code ?? 'unknown' } : { localAddress: socket.address().address }),
      );
    });
  });
}
