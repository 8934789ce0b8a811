import { type Change, change } from './change.ts';
import { type Part, readParts } from './iptables-options.ts';
import { type RulePorts, readPorts, UNKNOWN_PORTS } from './ports.ts';

/**
 * Reads the arguments of iptables or ip6tables. iptables compares a rule's parts, not their order; `-I CHAIN 1` and
 * `-A CHAIN` are deleted alike.
 */
export function readIptables(words: readonly string[], program: string): Change[] {
  const parts = readParts(words);
  const action = parts.find(({ option }) => /^-[AIDR]$/.test(option));
  const target = argumentOf(parts, '-j');
  if (action === undefined || /^(N?F?LOG|ULOG|AUDIT|TRACE)$/.test(target ?? '')) return [];
  const [chain = ''] = action.values;
  const table = argumentOf(parts, '-t') ?? 'filter';
  const rest = parts.filter((part) => part !== action && !isNoise(part)).map(show);
  const rule = [program, table, chain, ...rest.sort()].join(' ');
  const drops = /^(DROP|REJECT|TARPIT)$/.test(target ?? '');
  const found = change({ adds: action.option !== '-D', drops }, rule, portsOf(parts, chain, table));
  return [/^(DNAT|REDIRECT)$/.test(target ?? '') ? { ...found, forwards: true } : found];
}

/** Lines of iptables-restore. */
export function readIptablesRestore(words: readonly string[], program: string, stdin = ''): Change[] {
  const name = program.replace('-restore', '');
  const lines = stdin.split('\n').map((line) => line.trim().split(/\s+/));
  return words.includes('--test') || words.includes('-t')
    ? []
    : lines.flatMap((line) => readIptables(line, name));
}

function argumentOf(parts: readonly Part[], option: string): string | undefined {
  return parts.find((part) => part.option === option)?.values[0];
}

/** What two spellings of one rule may have or not. */
function isNoise({ option, values }: Part): boolean {
  return /^-[wWvntc46]$/.test(option) || (option === '-m' && /^(tcp|udp|multiport)$/.test(values[0] ?? ''));
}

function show({ option, negated, values }: Part): string {
  const text = values
    .map((value) => (/^--dports?$/.test(option) ? value.replace(/\bssh\b/g, '22') : value))
    .map((value) =>
      option === '-s' || option === '-d' ? value.replace(/\/(32|128|255\.255\.255\.255)$/, '') : value,
    );
  const name = option === '--dports' ? '--dport' : option;
  return [
    ...(negated ? ['!'] : []),
    name,
    ...(option === '-p' ? text.map((value) => value.toLowerCase()) : text),
  ].join(' ');
}

function portsOf(parts: readonly Part[], chain: string, table: string): RulePorts[] {
  if (chain === 'OUTPUT') return [];
  const protocol = parts.find(({ option }) => option === '-p');
  const ports = parts.find(({ option }) => /^--dports?$/.test(option));
  // Behind a router's DNAT the port is another one than outside.
  const isInside = table === 'filter' && /^(FORWARD|DOCKER)/.test(chain);
  if (isInside || protocol?.negated || ports === undefined || ports.negated) {
    return [{ ...UNKNOWN_PORTS, protocol: readPorts('', protocol?.values[0]).protocol }];
  }
  return [readPorts(ports.values.join(' '), protocol?.values[0])];
}
