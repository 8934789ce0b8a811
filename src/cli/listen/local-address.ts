import net from 'node:net';
import { usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { parsePort } from '../../util/text.ts';

/** Where to listen: on addresses of this machine, or on the sockets that systemd passes. */
export type Local = { readonly kind: 'systemd' } | TcpPlace;

interface TcpPlace {
  readonly kind: 'tcp';
  /** IPv4 and IPv6 literals, at least one; all get the same port. */
  readonly addresses: readonly string[];
  /** 0: any free port. */
  readonly port: number;
}

/** ssh resolves localhost to both, and clients do. */
const LOOPBACK = ['127.0.0.1', '::1'];
const ANY = ['0.0.0.0', '::'];

/**
 * Reads `[ADDRESS:]PORT` or `systemd`. An address is a literal one, an IPv6 one in brackets, `localhost` (both loopback
 * addresses, also the default) or `*` (all addresses).
 *
 * @throws KnockproxyError (exit status 2)
 */
export function parseLocal(text: string): Local {
  if (text === 'systemd') return { kind: 'systemd' };
  const [, address, portText] = /^(?:(.*):)?(\d+)$/.exec(text) ?? [];
  const port = portText === '0' ? 0 : parsePort(portText ?? '');
  if (port === undefined) throw notAPlace(text);
  return { kind: 'tcp', addresses: addressesOf(address, text), port };
}

function addressesOf(address: string | undefined, text: string): readonly string[] {
  if (address === undefined || address === 'localhost') return LOOPBACK;
  if (address === '*') return ANY;
  const bare = /^\[(.*)\]$/.exec(address)?.[1];
  if (bare === undefined ? !net.isIPv4(address) : !net.isIPv6(bare)) throw notAPlace(text);
  return [bare ?? address];
}

function notAPlace(text: string) {
  return usageError(
    `'${printable(text)}' is not an address to listen on`,
    'write PORT, 127.0.0.1:PORT, [::1]:PORT or systemd; port 0 selects any free port',
  );
}

/** Whether only programs of this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./i.test(address) || address === '::1';
}

/** `127.0.0.1:80`, `[::1]:80` */
export function describeAddress(address: string, port: number): string {
  return net.isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
