import { configError } from '../../util/errors.ts';
import { parsePort } from '../../util/text.ts';
import { isIPv4, leadingNumber, type SpaSetting, type SpaSettings } from './fwknop-variables.ts';
import { MESSAGE_TYPES, type SpaContent } from './spa-packet.ts';

/** The request in a packet. */
type Message = Pick<SpaContent, 'type' | 'access' | 'nat' | 'timeoutS'>;

/**
 * The type of message to send, and its ports (client/fwknop.c: set_message_type, set_access_buf,
 * set_nat_access).
 *
 * @param server the server in a local NAT request without NAT_ACCESS.
 * @param port the default of ACCESS, 1-65535.
 * @throws KnockproxyError `FILE line N: ...` for an ACCESS, NAT_ACCESS or NAT_PORT that the client refuses.
 */
export function readMessage(settings: SpaSettings, server: string, port: number): Message {
  const entry = settings.get('ACCESS');
  if (entry) checkAccess(entry);
  const wanted = entry?.value ?? `tcp/${port}`;
  const natPort = settings.get('NAT_PORT');
  const access = natPort ? withPort(wanted, natPort) : wanted;
  const nat = readNat(settings, server, Number(/\d+/.exec(wanted)![0]));
  const kind = settings.has('NAT_LOCAL') ? 'localNat' : nat === undefined ? 'access' : 'nat';
  const [plain, withTimeout] = MESSAGE_TYPES[kind];
  const timeoutS = leadingNumber(settings.get('FW_TIMEOUT')?.value ?? '0');
  const rest = { access, ...(nat !== undefined && { nat }) };
  return timeoutS > 0 ? { type: withTimeout, timeoutS, ...rest } : { type: plain, ...rest };
}

/** lib/fko_message.c: validate_access_msg. `none/0` asks for nothing, for a server that knows what to open. */
function checkAccess(access: SpaSetting): void {
  if (access.value === 'none/0') return;
  for (const each of access.value.split(',')) {
    const [, port] = /^(?:tcp|udp)\/(\d{1,5})$/.exec(each) ?? [];
    if (port === undefined || parsePort(port) === undefined) {
      throw configError(access, `${access.name} must have the form tcp/22 or tcp/22,udp/53`);
    }
  }
}

/** The server opens NAT_PORT and forwards it. */
function withPort(access: string, natPort: SpaSetting): string {
  const port = leadingNumber(natPort.value);
  if (port === 0) return access;
  if (access.includes(',')) throw configError(natPort, `${natPort.name} requires a single port in ACCESS`);
  return access.replace(/\d{1,5}$/, String(port));
}

/** The destination to forward to: `host,port`, by default the requested port. */
function readNat(settings: SpaSettings, server: string, behind: number): string | undefined {
  const entry = settings.get('NAT_ACCESS');
  const local = settings.get('NAT_LOCAL');
  if (entry) return natDestination(entry, behind);
  if (local && /[:,]/.test(server)) {
    throw configError(local, `${local.name} needs the server's name or IPv4 address in SPA_SERVER`);
  }
  return local && `${server},${behind}`;
}

function natDestination(entry: SpaSetting, behind: number): string {
  const [, host = '', port = String(behind)] = /^([^,:]{1,254})(?:[,:](\d{1,5}))?$/.exec(entry.value) ?? [];
  if (!isHost(host) || parsePort(port) === undefined) {
    throw configError(entry, `${entry.name} must have the form 192.0.2.1,22 (fwknop has no IPv6)`);
  }
  return `${host},${Number(port)}`;
}

/** common/fko_util.c: is_valid_hostname. */
function isHost(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return isIPv4(name) || labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label));
}
