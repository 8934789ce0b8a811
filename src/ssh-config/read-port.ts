import { MAX_PORT, SSH_PORT } from '../util/text.ts';
import type { ConfigSystem } from './types.ts';

/**
 * The value of Port as a2port of misc.c reads it: a decimal number, or a name of /etc/services.
 *
 * @returns 22 for undefined, and for a value that ssh refuses.
 */
export function readPort(value: string | undefined, system: Pick<ConfigSystem, 'read'>): number {
  if (value === undefined) return SSH_PORT;
  const port = /^\d+$/.test(value) ? Number(value) : servicePort(value, system);
  return port !== undefined && port >= 1 && port <= MAX_PORT ? port : SSH_PORT;
}

function servicePort(name: string, system: Pick<ConfigSystem, 'read'>): number | undefined {
  const file = system.read('/etc/services');
  if (typeof file === 'string') return undefined;
  for (const line of file.text.split('\n')) {
    const [first, number, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, port] = /^(\d+)\/tcp$/.exec(number ?? '') ?? [];
    if (port !== undefined && (first === name || aliases.includes(name))) return Number(port);
  }
  return undefined;
}
