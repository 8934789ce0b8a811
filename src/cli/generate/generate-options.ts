import type { PortChoice } from '../../generate/random-sequence.ts';
import { isIPv4 } from '../../plan/fwknop/fwknop-variables.ts';
import type { Protocol, Step } from '../../plan/sequence.ts';
import { usageError } from '../../util/errors.ts';
import { parsePort } from '../../util/text.ts';
import type { OptionTable, OptionValues } from '../shared/command.ts';
import { FILE_OPTIONS } from '../shared/option-tables.ts';
import type { DoorOptions } from './generate-door.ts';

const SEQUENCE = ['count', 'min', 'max', 'protocols', 'ports', 'close-sequence', 'one-time'];

export const GENERATE_OPTIONS = {
  ...FILE_OPTIONS,
  count: text('N', 'steps of the sequence, 1-31; 10 by default'),
  min: text('PORT', 'the lowest port, 10000 by default'),
  max: text('PORT', 'the highest port, 65535 by default'),
  protocols: text('tcp|udp|tcp,udp', 'what to knock with, both by default'),
  ports: { ...text('LIST', 'the only ports, PORT[:tcp|:udp],...'), conflicts: ['min', 'max'] },
  port: text('PORT', 'the hidden TCP port, 22 by default'),
  'close-sequence': { type: 'flag', help: 'a second sequence closes the door' },
  'one-time': text('N', 'a file of N sequences, each for one opening; the last one is never used'),
  server: { type: 'text', help: 'what listens', choices: ['knockd', 'nftables'], default: 'knockd' },
  firewall: {
    type: 'text',
    help: 'what opens the port; iptables by default',
    choices: ['iptables', 'nftables'],
  },
  allow: text('LIST', 'ports that stay open for everybody, PORT[:tcp|:udp],...'),
  interface: text('NAME', "what the daemon listens on; by default that of the server's default route"),
  spa: { type: 'flag', help: "keys for fwknop's single packet instead of a sequence", conflicts: SEQUENCE },
  'spa-allow': {
    ...text('ADDRESS|URL', 'with --spa: let in this address alone, or the one that URL answers with'),
    implies: 'spa',
  },
  format: {
    type: 'text',
    help: 'print the sequence alone, for knock(1) or in knockd.conf syntax',
    choices: ['knock', 'knockd'],
    conflicts: ['spa', 'one-time', 'close-sequence', 'out', 'json', 'add'],
  },
  out: text('DIR', 'write the files there instead of printing them'),
  add: {
    type: 'flag',
    help: 'with --out: set this machine up as the client, as knockproxy add does',
    conflicts: ['json'],
  },
  portable: { type: 'flag', help: "with --add: write 'knockproxy' instead of where it lies here" },
  yes: { type: 'flag', alias: 'y', help: 'write without asking' },
  force: { type: 'flag', help: 'overwrite files, and with --add another door, of the same names' },
  json: { type: 'flag', help: 'print as JSON' },
} as const satisfies OptionTable;

export type GenerateArgs = OptionValues<typeof GENERATE_OPTIONS> & { readonly host?: string };

function text(value: string, help: string) {
  return { type: 'text', value, help } as const;
}

/** @throws KnockproxyError (exit status 2) for what cannot be read. Ranges are checked where they are used. */
export function readDoorOptions(args: GenerateArgs): DoorOptions {
  const { server, interface: device, oneTime } = args;
  return {
    host: args.host === undefined ? undefined : readHost(args.host),
    port: readPort(args.port ?? '22'),
    server,
    firewall: chooseFirewall(args),
    allow: readPorts('--allow', args.allow).map(({ port, protocol = 'tcp' }): Step => ({ port, protocol })),
    ...(device !== undefined && { interface: device }),
    sequence: readSequenceOptions(args),
    close: args.closeSequence ?? false,
    ...(oneTime !== undefined && { oneTime: readOneTime(oneTime, server) }),
  };
}

function chooseFirewall({ server, spa, firewall }: GenerateArgs): DoorOptions['firewall'] {
  if (spa && (firewall === 'nftables' || server === 'nftables'))
    throw usageError('fwknopd opens with iptables');
  if (server === 'knockd') return firewall ?? 'iptables';
  if (firewall === 'iptables')
    throw usageError('--server nftables is its own firewall', 'leave --firewall out');
  return 'nftables';
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

/** NaN, which no range holds, for anything but digits. */
function number(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function readProtocols(text: string): Protocol[] {
  return text.split(',').map((word) => {
    if (word === 'tcp' || word === 'udp') return word;
    throw usageError('--protocols wants tcp, udp or tcp,udp');
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
  if (port === undefined) throw usageError('--port wants a port from 1 to 65535');
  return port;
}

function readOneTime(text: string, server: DoorOptions['server']): number {
  if (server === 'knockd') return number(text);
  throw usageError('--one-time needs a daemon that crosses sequences out', 'leave --server nftables out');
}

/**
 * Whom a packet names. Only where asked for: behind NAT, or on the way, an address that is not ours would lock us out.
 *
 * @returns the value of KnockSpaAllow; undefined: where the packet comes from.
 */
export function readSpaAllow({ spaAllow }: GenerateArgs): string | undefined {
  if (spaAllow === undefined || (isIPv4(spaAllow) && spaAllow !== '0.0.0.0')) return spaAllow;
  if (/^https?:\/\/[\w.-][\w.~:/?#@!$&()*+,;=%-]*$/.test(spaAllow)) return `resolve ${spaAllow}`;
  throw usageError('--spa-allow wants an IPv4 address, or a URL (http:// or https://) that answers with it');
}

/** It becomes a pattern of ssh_config, part of a file name and a word of the shell. */
function readHost(host: string): string {
  if (/^[A-Za-z0-9_][\w.:-]{0,252}$/.test(host)) return host;
  throw usageError("HOST may hold letters, digits, '.', '-', '_' and ':'");
}
