import { type Change, change } from './change.ts';
import { type RulePorts, readPorts, UNKNOWN_PORTS } from './ports.ts';

/** An option with its values, `!` before a negated one. */
interface Part {
  readonly option: string;
  readonly negated: boolean;
  readonly values: readonly string[];
}

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

/** Long options by the short ones or the match options that stand for them; any unique beginning will do. */
const LONG_OPTIONS: Readonly<Record<string, string>> = {
  '--append': '-A',
  '--insert': '-I',
  '--delete': '-D',
  '--replace': '-R',
  '--check': '-C',
  '--delete-chain': '-X',
  '--source': '-s',
  '--src': '-s',
  '--destination': '-d',
  '--dst': '-d',
  '--protocol': '-p',
  '--proto': '-p',
  '--jump': '-j',
  '--goto': '-j',
  '--table': '-t',
  '--match': '-m',
  '--in-interface': '-i',
  '--out-interface': '-o',
  '--wait': '-w',
  '--wait-interval': '-W',
  '--verbose': '-v',
  '--numeric': '-n',
  '--ipv4': '-4',
  '--ipv6': '-6',
  '--destination-port': '--dport',
  '--dport': '--dport',
  '--destination-ports': '--dports',
  '--dports': '--dports',
  '--ports': '--dports',
  '--source-port': '--sport',
  '--sport': '--sport',
  '--comment': '--comment',
  '--log-prefix': '--log-prefix',
};

/** Take the next word, whatever it looks like. */
const WITH_VALUE = /^(-[AIDRCsdpjmtio]|--(dports?|sport|comment|log-prefix))$/;

function readParts(words: readonly string[]): Part[] {
  const parts: { option: string; negated: boolean; values: string[] }[] = [];
  let negated = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '!') {
      negated = true;
      continue;
    }
    if (!/^-[^\d]/.test(word) && word !== '-4' && word !== '-6') {
      parts.at(-1)?.values.push(word);
      continue;
    }
    const { option, value } = splitOption(word);
    const values = value === undefined ? [] : [value];
    if (value === undefined && WITH_VALUE.test(option)) {
      // As older versions spell it: -s ! ADDRESS.
      if (words[at + 1] === '!') {
        negated = true;
        at++;
      }
      values.push(words[++at] ?? '');
    }
    parts.push({ option, negated, values });
    negated = false;
  }
  return parts;
}

/** `--dport=22`, `--destination-port`, `-ptcp`. */
function splitOption(word: string): { option: string; value?: string } {
  if (!word.startsWith('--')) {
    const isJoined = word.length > 2 && WITH_VALUE.test(word.slice(0, 2));
    const option = word.slice(0, 2) === '-g' ? '-j' : word.slice(0, isJoined ? 2 : undefined);
    return { option, ...(isJoined && { value: word.slice(2) }) };
  }
  const [, name = word, value] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  return { option: longOption(name), ...(value !== undefined && { value }) };
}

function longOption(name: string): string {
  if (Object.hasOwn(LONG_OPTIONS, name)) return LONG_OPTIONS[name]!;
  const meant = Object.keys(LONG_OPTIONS).filter((option) => option.startsWith(name));
  const options = new Set(meant.map((option) => LONG_OPTIONS[option]!));
  return options.size === 1 ? [...options][0]! : name;
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
