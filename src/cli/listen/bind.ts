import net from 'node:net';
import { KnockproxyError, usageError } from '../../util/errors.ts';
import { describeAddress, isLoopback, type Local } from './local-address.ts';
import { systemdFds } from './systemd-fds.ts';

type OnClient = (client: net.Socket) => void;

interface BindOptions {
  readonly local: Local;
  /** Without it, addresses that other machines can reach are refused. */
  readonly allowOthers: boolean;
  readonly onClient: OnClient;
}

/** How often to look for a port that is free on both loopback addresses. */
const FREE_PORT_TRIES = 10;

/**
 * Listens on all addresses, or on all sockets that systemd passes.
 *
 * @throws KnockproxyError if one of them cannot be had; then none listens.
 */
export async function bindAll({ local, allowOthers, onClient }: BindOptions): Promise<net.Server[]> {
  const servers: net.Server[] = [];
  try {
    if (local.kind === 'systemd') {
      for (const fd of systemdFds()) servers.push(await listenOn({ fd }, onClient));
      if (!allowOthers) for (const server of servers) refuseReachable(hostOf(server));
      return servers;
    }
    if (!allowOthers) for (const host of local.addresses) refuseReachable(host);
    return await bindAddresses(local.addresses, local.port, onClient);
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}

/** Where a server listens: `127.0.0.1:80`, or the path of a UNIX socket. */
export function placeOf(server: net.Server): string {
  const place = server.address();
  return place === null || typeof place === 'string'
    ? (place ?? 'a UNIX socket')
    : describeAddress(place.address, place.port);
}

/** @param port 0: a free one, the same for all addresses. */
async function bindAddresses(
  hosts: readonly string[],
  port: number,
  onClient: OnClient,
): Promise<net.Server[]> {
  for (let tries = FREE_PORT_TRIES; ; tries--) {
    const servers: net.Server[] = [];
    try {
      for (const host of hosts) {
        const server = await listenOn({ host, port: portOf(servers[0]) ?? port, ipv6Only: true }, onClient);
        servers.push(server);
      }
      return servers;
    } catch (error) {
      const code = codeOf(error);
      // A machine without IPv6.
      if (servers.length > 0 && NO_SUCH_FAMILY.includes(code)) return servers;
      for (const server of servers) server.close();
      const isTaken = code === 'EADDRINUSE' && port === 0 && tries > 1;
      if (!isTaken) throw error;
    }
  }
}

const NO_SUCH_FAMILY = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** A listening socket, or an address and a port, as net.Server.listen() takes them. */
type Place =
  | { readonly fd: number }
  | { readonly host: string; readonly port: number; readonly ipv6Only: boolean };

/** @throws KnockproxyError whose cause is the system's error. */
function listenOn(options: Place, onClient: OnClient) {
  return new Promise<net.Server>((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, onClient);
    const fail = (cause: unknown) => reject(notListening(options, cause));
    server.once('error', fail);
    try {
      server.listen(options, () => {
        server.off('error', fail);
        resolve(server);
      });
    } catch (cause) {
      fail(cause);
    }
  });
}

function notListening(options: Place, cause: unknown): KnockproxyError {
  const place =
    'fd' in options
      ? `the socket that systemd passed (fd ${options.fd})`
      : describeAddress(options.host, options.port);
  const code = codeOf({ cause });
  const [message, ...hints] = {
    EADDRINUSE: [`${place} is in use by another program`, 'choose another port, or 0 for any free one'],
    EADDRNOTAVAIL: [`${place}: this machine has no such address`],
    EACCES: [`${place}: this user may not listen there`, 'choose a port above 1023'],
  }[code] ?? [`cannot listen on ${place} (${code})`];
  return new KnockproxyError(message!, { hints, cause });
}

function codeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? 'unknown';
}

function refuseReachable(host: string | undefined): void {
  if (host === undefined || isLoopback(host)) return;
  throw usageError(
    `other machines could connect to ${host} and go through your door`,
    'listen on 127.0.0.1 or [::1], or allow it with --allow-others',
  );
}

function portOf(server: net.Server | undefined): number | undefined {
  const place = server?.address();
  return typeof place === 'object' ? place?.port : undefined;
}

/** undefined: a UNIX socket. */
function hostOf(server: net.Server): string | undefined {
  const place = server.address();
  return typeof place === 'object' ? place?.address : undefined;
}
