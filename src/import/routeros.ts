import type { Step } from '../plan/sequence.ts';
import { parsePort } from '../util/text.ts';
import type { ImportedFile } from './imported-door.ts';
import { HEADERS, toStep } from './packet-step.ts';
import { type Accepting, followStages, type Stage } from './stage-graph.ts';

/** Whether a file is an export of RouterOS with rules that add senders to an address list. */
export function isRouterOs(text: string): boolean {
  return /^\s*(\/ip(v6)? firewall|add\b.*\baction=add-src-to-address-list)/m.test(text);
}

/**
 * Reads `/ip firewall export` of RouterOS 6 or 7: rules with action=add-src-to-address-list are the steps, those with
 * action=accept (or dst-nat) and a src-address-list the doors.
 */
export function readRouterOs(text: string, file: string): ImportedFile {
  const stages: Stage[] = [];
  const accepting: Accepting[] = [];
  for (const { line, values } of rulesOf(text)) {
    const [action, from, to] = ['action', 'src-address-list', 'address-list'].map((name) => values.get(name));
    if (values.get('disabled') === 'yes') continue;
    if (action === 'add-src-to-address-list' && to !== undefined) {
      if (!from?.startsWith('!')) stages.push({ from, to, step: stepOf(values), line });
    } else if ((action === 'accept' || action === 'dst-nat') && from !== undefined && !from.startsWith('!')) {
      accepting.push({ list: from, ports: portsOf(values), line });
    }
  }
  return { doors: followStages(stages, accepting, file), notes: [] };
}

interface RouterOsRule {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

/** One `add` each; a backslash at the end of a line continues it, and the next one is indented. */
function* rulesOf(text: string): Generator<RouterOsRule> {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    let whole = lines[at]!;
    while (whole.endsWith('\\') && at + 1 < lines.length)
      whole = whole.slice(0, -1) + lines[++at]!.trimStart();
    if (/^\s*(\/ip(v6)? firewall \S+ )?add\s/.test(whole)) yield { line, values: valuesOf(whole) };
  }
}

function valuesOf(rule: string): Map<string, string> {
  const values = new Map<string, string>();
  for (let at = 0, equals = rule.indexOf('='); equals >= 0; equals = rule.indexOf('=', at)) {
    const name = rule.slice(at, equals).split(/\s/).at(-1)!;
    at = valueEnd(rule, equals + 1);
    values.set(name, rule.slice(equals + 1, at).replace(/^"|"$/g, ''));
  }
  return values;
}

/** A value in quotes has blanks, and escapes quotes by a backslash. */
function valueEnd(rule: string, start: number): number {
  const isQuoted = rule[start] === '"';
  for (let at = start + 1; at < rule.length; at++) {
    if (isQuoted && rule[at] === '\\') at++;
    else if (isQuoted ? rule[at] === '"' : /\s/.test(rule[at]!)) return isQuoted ? at + 1 : at;
  }
  return rule.length;
}

/** What RouterOS can test in a knock beyond this is not understood. */
const OTHER_TESTS = [
  'content',
  'layer7-protocol',
  'dst-limit',
  'limit',
  'random',
  'nth',
  'ttl',
  'tcp-mss',
  'src-port',
];

function stepOf(values: ReadonlyMap<string, string>): Step | string {
  const test = OTHER_TESTS.find((name) => values.has(name));
  if (test !== undefined) return `${test} in a knock rule is not supported`;
  const protocol = values.get('protocol');
  const packetSize = values.get('packet-size');
  if (packetSize !== undefined && !/^\d+$/.test(packetSize)) return 'a range in packet-size is not supported';
  const size = packetSize === undefined ? undefined : Number(packetSize) - HEADERS[4];
  if (protocol === 'icmp') return toStep({ protocol, port: 0, size });
  if (protocol !== 'tcp' && protocol !== 'udp') return 'a knock rule must name the protocol tcp, udp or icmp';
  const port = parsePort(values.get('dst-port') ?? '');
  if (port === undefined) return 'a knock rule must have exactly one dst-port';
  if (protocol === 'udp') return toStep({ protocol, port, size });
  return size === undefined ? { port, protocol } : 'packet-size in the rule of a tcp knock is not supported';
}

function portsOf(values: ReadonlyMap<string, string>): number[] {
  if (values.get('protocol') !== 'tcp') return [];
  return (values.get('dst-port') ?? '')
    .split(',')
    .flatMap((port) => (/^\d+$/.test(port) ? Number(port) : []));
}
