/** What a server's command does to one address's way in. */
export interface RuleChange {
  readonly effect: 'opens' | 'closes';
  /** The rule, element or entry in a form that is equal for the command that opens and the one that closes. */
  readonly rule: string;
  /** TCP or UDP ports the rule names; none: not known. */
  readonly ports: readonly number[];
}

/**
 * Reads the first firewall command of a shell command line: iptables, nft (sets), ipset, ufw, firewall-cmd.
 * Deleting a rule that drops opens, and the other way round.
 *
 * @returns undefined for any other command.
 */
export function ruleChange(command: string): RuleChange | undefined {
  const words = shellWords(command);
  for (const [index, word] of words.entries()) {
    const program = word.replace(/^.*\//, '').replace(/-(legacy|nft)$/, '');
    const read = PROGRAMS.get(program);
    if (read === undefined) continue;
    const rest = words.slice(index + 1);
    const end = rest.findIndex((next) => /^[;&|]+$/.test(next));
    return read(end < 0 ? rest : rest.slice(0, end), program);
  }
  return undefined;
}

type Read = (words: readonly string[], program: string) => RuleChange | undefined;

const PROGRAMS: ReadonlyMap<string, Read> = new Map([
  ['iptables', iptables],
  ['ip6tables', iptables],
  ['nft', nft],
  ['ipset', ipset],
  ['ufw', ufw],
  ['firewall-cmd', firewallCmd],
]);

/** Words and separators of a command line, without redirections; quotes are taken off, nothing is expanded. */
function shellWords(command: string): string[] {
  const plain = command.replace(/\s\d*(?:>>?|<)&?\s*[^\s;&|]+/g, '');
  const words = plain.match(/(?:'[^']*'|"[^"]*"|[^\s;&|'"])+|[;&|]+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

const LONG_OPTIONS: Readonly<Record<string, string>> = {
  '--append': '-A',
  '--insert': '-I',
  '--delete': '-D',
  '--source': '-s',
  '--src': '-s',
  '--protocol': '-p',
  '--proto': '-p',
  '--jump': '-j',
  '--match': '-m',
  '--in-interface': '-i',
  '--destination-port': '--dport',
  '--destination-ports': '--dports',
  '--wait': '-w',
};

/** iptables compares a rule's parts, not their order; `-I CHAIN 1` and `-A CHAIN` are deleted alike. */
function iptables(words: readonly string[], program: string): RuleChange | undefined {
  const groups: string[][] = [];
  for (const word of words) {
    const option = /^-[^\d]/.test(word) && groups.at(-1)?.join() !== '!';
    if (option || word === '!' || groups.length === 0) groups.push([LONG_OPTIONS[word] ?? word]);
    else groups.at(-1)!.push(LONG_OPTIONS[word] ?? word);
  }
  const action = groups.find(([option = '']) => ['-A', '-I', '-D'].includes(option));
  if (action === undefined) return undefined;
  const parts = groups
    .filter(
      (group) => group !== action && group[0] !== '-w' && !/^-m (tcp|udp)$|^-t filter$/.test(group.join(' ')),
    )
    .map((group) => group.join(' '));
  const rule = [program, action[1], ...parts.sort()].join(' ');
  const drops = parts.some((part) => /^-j (DROP|REJECT)\b/.test(part));
  const port = parts.map((part) => /^--dports? (.*)$/.exec(part)?.[1]).find((text) => text !== undefined);
  return change(action[0] !== '-D', drops, rule, port);
}

/** Elements of sets; a rule is deleted by a number that no knockd.conf knows. The last command decides. */
function nft(words: readonly string[]): RuleChange | undefined {
  const last =
    words
      .join(' ')
      .split(';')
      .map((part) => part.trim())
      .filter(Boolean)
      .at(-1) ?? '';
  const brace = last.indexOf('{');
  if (brace < 0 || !last.endsWith('}')) return undefined;
  const [action = '', noun, ...name] = last.slice(0, brace).trim().split(/\s+/).filter(isNoOption);
  if (!['add', 'create', 'delete', 'destroy'].includes(action) || noun !== 'element') return undefined;
  const set = name.join(' ');
  const content = last.slice(brace + 1, -1).trim();
  const element = content.replace(/\s+/g, ' ').replace(/ (timeout|expires) \S+/g, '');
  return change(
    /^(add|create)$/.test(action),
    false,
    `nft ${set} ${element}`,
    /\. (\d+)$/.exec(element)?.[1],
  );
}

function isNoOption(word: string): boolean {
  return !word.startsWith('-');
}

function ipset(words: readonly string[]): RuleChange | undefined {
  const [action = '', set, entry] = words.filter((word) => !/^(-!|-exist|--?q\w*)$/.test(word));
  if (!/^(add|del|-A|-D|--add|--del)$/.test(action) || entry === undefined) return undefined;
  const port = /,(?:tcp:)?(\d+)/.exec(entry)?.[1];
  return change(/^(add|-A|--add)$/.test(action), false, `ipset ${set} ${entry}`, port);
}

function ufw(words: readonly string[]): RuleChange | undefined {
  const text = words.filter((word) => !word.startsWith('--')).join(' ');
  const match = /^(delete |insert \d+ |prepend )?(allow|deny|reject|limit) (.*)$/.exec(text);
  if (match === null) return undefined;
  const [, action, verdict = '', rest = ''] = match;
  const drops = /^(deny|reject)$/.test(verdict);
  return change(action !== 'delete ', drops, `ufw ${verdict} ${rest}`, /(?:^|\bport )(\d+)/.exec(rest)?.[1]);
}

function firewallCmd(words: readonly string[]): RuleChange | undefined {
  const meant = words.filter((word) => !word.startsWith('--timeout'));
  const at = meant.findIndex((word) => /^--(add|remove)-./.test(word));
  const match = /^--(add|remove)-([^= ]+)[= ](.*)$/s.exec(meant.slice(at).join(' '));
  if (at < 0 || match === null) return undefined;
  const [, action, kind = '', rest = ''] = match;
  const drops = /\b(drop|reject)\b/.test(rest);
  return change(action === 'add', drops, `firewall-cmd ${kind} ${rest}`, /\bport=(\d+)/.exec(rest)?.[1]);
}

function change(adds: boolean, drops: boolean, rule: string, ports = ''): RuleChange {
  const numbers = ports
    .replace(/\bssh\b/g, '22')
    .split(',')
    .map(Number);
  return {
    effect: adds !== drops ? 'opens' : 'closes',
    rule,
    ports: numbers.filter((port) => Number.isInteger(port) && port > 0 && port <= 65_535),
  };
}
