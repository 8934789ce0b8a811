import { type Change, change } from './change.ts';
import { readIptables } from './iptables.ts';
import { type RulePorts, readPorts, UNKNOWN_PORTS } from './ports.ts';
import { simpleCommands } from './shell.ts';

/** Reads the arguments of firewall-cmd or firewall-offline-cmd. */
export function readFirewallCmd(words: readonly string[]): Change[] {
  const direct = words.indexOf('--direct');
  if (direct >= 0) return readDirect(words.slice(direct + 1));
  const found: Change[] = [];
  for (let at = 0; at < words.length; at++) {
    const [, verb, kind, joined] = /^--(add|remove|change)-([a-z-]+)(?:=(.*))?$/s.exec(words[at]!) ?? [];
    if (verb === undefined || kind === undefined) continue;
    const value = joined ?? words[++at] ?? '';
    if (!KINDS.has(kind)) continue;
    const { ports, drops = false, forwards = false } = KINDS.get(kind)!(value);
    // Of one command all parts belong to one rule's zone; what comes first in it does not matter.
    const made = change({ adds: verb !== 'remove', drops }, `firewalld ${kind} ${value}`, [ports]);
    found.push(forwards ? { ...made, forwards } : made);
  }
  return found;
}

interface Meaning {
  readonly ports: RulePorts;
  readonly drops?: boolean;
  readonly forwards?: boolean;
}

const KINDS: ReadonlyMap<string, (value: string) => Meaning> = new Map<string, (value: string) => Meaning>([
  ['port', (value) => ({ ports: portAndProtocol(value) })],
  ['service', (value) => ({ ports: readPorts(value, 'tcp') })],
  ['rich-rule', readRichRule],
  ['forward-port', readForwardPort],
  ['source', () => ({ ports: UNKNOWN_PORTS })],
  ['entry', () => ({ ports: UNKNOWN_PORTS })],
]);

function portAndProtocol(value: string): RulePorts {
  const [port = '', protocol] = value.split('/');
  return readPorts(port, protocol);
}

/** `port=2222:proto=tcp:toport=22`. */
function readForwardPort(value: string): Meaning {
  const parts = new Map(value.split(':').map((part) => part.split('=', 2) as [string, string]));
  return { ports: readPorts(parts.get('port') ?? '', parts.get('proto')), forwards: true };
}

/** firewalld.richlanguage(5): the options of an element stand behind it. */
function readRichRule(value: string): Meaning {
  const plain = simpleCommands(value).flatMap(({ words }) => words);
  const elementAt = plain.findIndex((word) => /^(service|port|forward-port)$/.test(word));
  const drops = plain.some((word) => word === 'drop' || word === 'reject');
  if (elementAt < 0) return { ports: UNKNOWN_PORTS, drops };
  const element = plain[elementAt]!;
  const options = optionsBehind(plain.slice(elementAt + 1));
  if (element === 'service') return { ports: readPorts(options.get('name') ?? '', 'tcp'), drops };
  const ports = readPorts(options.get('port') ?? '', options.get('protocol'));
  return { ports, drops, forwards: element === 'forward-port' };
}

function optionsBehind(words: readonly string[]): Map<string, string> {
  const end = words.findIndex((word) => !word.includes('='));
  const own = end < 0 ? words : words.slice(0, end);
  return new Map(own.map((word) => word.split('=', 2) as [string, string]));
}

/** `--add-rule ipv4 filter INPUT 0 ARGS` and `--passthrough ipv4 ARGS`, with the arguments of iptables. */
function readDirect([option = '', family, ...rest]: readonly string[]): Change[] {
  const program = family === 'ipv6' ? 'ip6tables' : 'iptables';
  const [, verb] = /^--(add|remove)-rule$/.exec(option) ?? [];
  if (verb !== undefined) {
    const [table = '', chain = '', , ...args] = rest;
    return readIptables(['-t', table, verb === 'add' ? '-A' : '-D', chain, ...args], program);
  }
  if (!/^--(add-|remove-)?passthrough$/.test(option)) return [];
  const changes = readIptables(rest, program);
  return option === '--remove-passthrough' ? changes.map(reversed) : changes;
}

function reversed(found: Change): Change {
  return { ...found, effect: found.effect === 'opens' ? 'closes' : 'opens' };
}
