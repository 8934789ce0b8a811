import os from 'node:os';
import type { FirewallKind } from '../../generate/firewall-commands.ts';
import { checkInterface } from '../../generate/knockd-plan.ts';
import type { PortChoice } from '../../generate/random-sequence.ts';
import type { Protocol, Step } from '../../plan/sequence.ts';
import { usageError } from '../../util/errors.ts';
import { parsePort } from '../../util/text.ts';
import type { SshDestination } from '../shared/ssh-destination.ts';
import type { DoorOptions } from './generate-door.ts';
import type { GenerateArgs } from './generate-options.ts';
import { SERVER_PRESETS } from './server-presets.ts';

/** @throws KnockproxyError (exit status 2) for invalid values. Ranges are checked where they are used. */
export function readDoorOptions(args: GenerateArgs, ssh: SshDestination): DoorOptions {
  const { server, interface: device, oneTime } = args;
  const firewall = chooseFirewall(args);
  const allow = readPorts('--allow', args.allow);
  if (args.allow !== undefined && firewall === undefined)
    throw usageError('--allow requires --firewall', 'without it only the hidden port is closed');
  const user = args.user === undefined ? ssh.user : readUser(args.user);
  if (device !== undefined) checkInterface(device);
  return {
    host: args.host,
    port: args.port === undefined ? ssh.port : readPort(args.port),
    ...(user !== undefined && { user }),
    client: args.client === undefined ? thisMachine() : readClient(args.client),
    server,
    ...(firewall !== undefined && { firewall }),
    allow: allow.map(({ port, protocol = 'tcp' }): Step => ({ port, protocol })),
    ...(device !== undefined && { interface: device }),
    sequence: readSequenceOptions(args),
    close: args.closeSequence ?? false,
    ...(oneTime !== undefined && { oneTime: readOneTime(oneTime, server) }),
  };
}

/** fwknopd's own rules, in the files to load by hand, are for iptables. */
function chooseFirewall({ server, spa, firewall, out, ssh }: GenerateArgs): FirewallKind | undefined {
  if (spa && server === 'nftables') throw usageError('--spa requires fwknopd', 'omit --server nftables');
  if (spa && firewall === 'nftables' && out === undefined && !ssh)
    throw usageError('without --out, --spa requires --firewall iptables');
  if (server === 'nftables' && firewall === 'iptables')
    throw usageError('--server nftables is its own firewall', 'omit --firewall');
  return firewall;
}

function readSequenceOptions({ count, min, max, protocols, ports }: GenerateArgs): DoorOptions['sequence'] {
  return {
    ...(count !== undefined && { count: number(count) }),
    ...(min !== undefined && { min: number(min) }),
    ...(max !== undefined && { max: number(max) }),
    ...(protocols !== undefined && { protocols: readProtocols(protocols) }),
    ...(ports !== undefined && { ports: readPorts('--ports', ports) }),
  };
}

/** @returns NaN, which is in no range, for anything but digits. */
function number(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function readProtocols(text: string): Protocol[] {
  return text.split(',').map((word) => {
    if (word === 'tcp' || word === 'udp') return word;
    throw usageError('--protocols must be tcp, udp or tcp,udp');
  });
}

function readPorts(option: string, text: string | undefined): PortChoice[] {
  return (text === undefined ? [] : text.split(',')).map((word, index) => {
    const [, digits = '', protocol] = /^\s*(\d+)(?::(tcp|udp))?\s*$/.exec(word) ?? [];
    const port = parsePort(digits);
    if (port === undefined)
      throw usageError(`${option}: entry ${index + 1} is not PORT, PORT:tcp or PORT:udp`);
    return protocol === undefined ? { port } : { port, protocol: protocol as Protocol };
  });
}

function readPort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw usageError('--port must be a port from 1 to 65535');
  return port;
}

export function readOneTime(text: string, server: DoorOptions['server']): number {
  if (SERVER_PRESETS[server].marksUsed) return number(text);
  throw usageError('--one-time needs a daemon that marks used sequences', 'omit --server nftables');
}

/** A name of the server's files and nftables sets. */
export function readClient(name: string): string {
  if (/^[A-Za-z]\w{0,31}$/.test(name)) return name;
  throw usageError(
    "--client must begin with a letter and contain only letters, digits and '_', at most 32 characters",
  );
}

export function thisMachine(): string {
  const name = os.hostname().replace(/\W/g, '_').slice(0, 32);
  return /^[A-Za-z]/.test(name) ? name : `client_${name}`.slice(0, 32);
}

/** USER is used in ssh_config and in shell commands. */
function readUser(user: string): string {
  if (/^[A-Za-z0-9_][\w.@-]{0,127}$/.test(user)) return user;
  throw usageError("--user may contain only letters, digits, '.', '-', '_' and '@'");
}

/** HOST is used as a pattern of ssh_config, in file names and in shell commands. */
export function readHost(host: string): string {
  if (/^[A-Za-z0-9_][\w.:-]{0,252}$/.test(host)) return host;
  throw usageError("HOST may contain only letters, digits, '.', '-', '_' and ':'");
}
