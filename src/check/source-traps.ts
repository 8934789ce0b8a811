import type { HostSettings } from '../config/settings.ts';
import { interfaceOf } from '../network/interface-addresses.ts';
import { lookUp } from '../network/look-up.ts';
import type { Target } from '../network/resolve.ts';
import { sourceAddress } from '../network/source-address.ts';
import { runProgram } from '../processes/run-program.ts';
import { printable } from '../util/log.ts';
import type { Trap } from './findings.ts';

const LIMITS = { timeMs: 1000, outputBytes: 10_000 };

interface SourceQuery {
  readonly host: string;
  readonly settings: Pick<HostSettings, 'bindAddress' | 'bindInterface' | 'knockHost' | 'family'>;
  readonly targets: readonly Target[];
  /** On the clock of nowMs(). */
  readonly deadlineMs: number;
}

/** What makes the server see the knocks and the connection from elsewhere than the user may expect. */
export async function sourceTraps(query: SourceQuery): Promise<Trap[]> {
  const { settings, targets } = query;
  const isBound = (settings.bindAddress ?? settings.bindInterface) !== undefined;
  const ofTarget = isBound ? routeTrap : knockHostTrap;
  const traps = await Promise.all([familyTrap(query), ...targets.map(ofTarget)]);
  return traps.filter((trap) => trap !== undefined);
}

/** Without a route for it, binding an address does not choose the interface (SO_BINDTODEVICE would). */
async function routeTrap({ address, localAddress }: Target): Promise<Trap | undefined> {
  const own = localAddress === undefined ? undefined : interfaceOf(localAddress);
  if (own === undefined || process.platform !== 'linux') return undefined;
  const route = ['ip', '-o', 'route', 'get', address, 'from', localAddress!];
  const { output } = await runProgram(route, LIMITS, { LC_ALL: 'C' });
  const device = / dev (\S+)/.exec(output)?.[1];
  if (device === undefined || device === own || device === 'lo') return undefined;
  return {
    severity: 'warning',
    text: `packets from ${localAddress} (${printable(own)}) to ${address} leave through ${printable(device)}: a source address does not select the route`,
    fix: `add a route for it: ip rule add from ${localAddress} table 100; ip route add default dev ${printable(own)} table 100`,
  };
}

/** Both are sent from the address of the connection. */
async function knockHostTrap({ address, knockAddress, family }: Target): Promise<Trap | undefined> {
  if (knockAddress === undefined) return undefined;
  const [connects, knocks] = await Promise.all([
    sourceAddress(address, family),
    sourceAddress(knockAddress, family),
  ]);
  if (connects === undefined || knocks === undefined || connects === knocks) return undefined;
  return {
    severity: 'warning',
    text: `the route to KnockHost ${knockAddress} has the source address ${knocks}, that to ${address} has ${connects}: knocks and connection are sent from ${connects}`,
    fix: 'if the door does not open, set BindAddress to the address that it must let in',
  };
}

/** A family that KnockHost or the source address lacks is not used at all. */
async function familyTrap({ host, settings, targets, deadlineMs }: SourceQuery): Promise<Trap | undefined> {
  const { bindAddress, bindInterface, knockHost, family } = settings;
  const other = knockHost ?? bindAddress ?? bindInterface;
  if (other === undefined || family !== 0) return undefined;
  const all = await lookUp(host, 0, { deadlineMs });
  if (typeof all === 'string') return undefined;
  const lacking = all.find((address) => targets.every((target) => target.family !== address.family));
  if (lacking === undefined) return undefined;
  const [no, only] = lacking.family === 6 ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
  return {
    severity: 'warning',
    text: `${printable(host)} has ${no} addresses, ${printable(other)} has none: only ${only} is used`,
    fix: `give ${printable(other)} an ${no} address, or set AddressFamily inet${only === 'IPv6' ? '6' : ''}`,
  };
}
