import { KnockproxyError } from '../util/errors.ts';
import type { Target } from './resolve.ts';

/** The error for a knock that this machine refuses to send. @param number of its step. */
export function sendRefused(code: string, number: number, target: Omit<Target, 'port'>): KnockproxyError {
  if (code === 'EADDRNOTAVAIL') return bindRefused(code, target.localAddress);
  const what = `this machine refuses to send step ${number} of the knock to ${target.knockAddress ?? target.address} (${code})`;
  const hint =
    code === 'ping'
      ? 'run ping by hand to see why: it may lack permission to send, or a local firewall rule drops the packet'
      : code === 'EPERM' || code === 'EACCES'
        ? 'a local firewall rule (OUTPUT chain) drops it: allow outgoing packets to the knock ports'
        : code === 'ENETUNREACH' || code === 'EHOSTUNREACH'
          ? `there is no route to it: check the network connection${target.family === 6 ? ', or try -4' : ''}`
          : 'see errno(3) for the meaning of the code';
  return new KnockproxyError(what, { hints: [hint], cause: code });
}

/** Whether a firewall of this machine is why it refuses to send. */
export function isFirewall({ cause }: KnockproxyError): boolean {
  return cause === 'EPERM' || cause === 'EACCES';
}

/** The error for a local address that is not one of this machine. */
export function bindRefused(code: string, localAddress: string | undefined): KnockproxyError {
  return new KnockproxyError(`cannot use the local address ${localAddress ?? ''} (${code})`, {
    hints: ['BindAddress must be an address of this machine, of the same family as the target'],
  });
}
