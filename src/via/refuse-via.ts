import type { HostSettings } from '../config/settings.ts';
import { configError } from '../util/errors.ts';

/** @throws KnockproxyError for a host with KnockVia: only a login, knock and check go through another host. */
export function refuseVia({ knockVia }: Pick<HostSettings, 'knockVia'>): void {
  if (knockVia === undefined) return;
  const text = 'KnockVia: only ssh and the commands knock and check reach this host';
  const fix = 'for another program, forward a port: ssh -N -L PORT:localhost:PORT HOST';
  throw configError(knockVia.where, text, fix);
}
