import { isIPv4 } from '../../plan/fwknop/fwknop-variables.ts';
import { usageError } from '../../util/errors.ts';

/**
 * The address that a packet names. Not by default: behind NAT or when travelling, a wrong address locks the user out.
 *
 * @returns the value of KnockSpaAllow; undefined: the source of the packet.
 */
export function readSpaAllow(spaAllow: string | undefined): string | undefined {
  if (spaAllow === undefined || (isIPv4(spaAllow) && spaAllow !== '0.0.0.0')) return spaAllow;
  if (/^https?:\/\/[\w.-][\w.~:/?#@!$&()*+,;=%-]*$/.test(spaAllow)) return `resolve ${spaAllow}`;
  throw usageError('--spa-allow must be an IPv4 address, or a URL (http:// or https://) that returns one');
}
