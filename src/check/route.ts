import type { Target } from '../network/resolve.ts';
import { createUdpSocket } from '../network/udp.ts';

export interface Route {
  /** The error of the kernel, such as ENETUNREACH; undefined: there is a route. */
  readonly code?: string;
  readonly localAddress?: string;
}

/** The route to a target and its source address. connect(2) on a UDP socket sends nothing. */
export function routeTo({ address, family, localAddress }: Target): Promise<Route> {
  return new Promise((resolve) => {
    const socket = createUdpSocket(family);
    const done = (route: Route) => {
      socket.close();
      resolve(route);
    };
    socket.once('error', (error: NodeJS.ErrnoException) => done({ code: error.code ?? 'unknown' }));
    socket.bind({ port: 0, ...(localAddress !== undefined && { address: localAddress }) }, () => {
      // Node passes an error to the callback, although its types do not say so.
      socket.connect(9, address, (error?: NodeJS.ErrnoException) =>
        done(error ? { code: error.code ?? 'unknown' } : { localAddress: socket.address().address }),
      );
    });
  });
}
