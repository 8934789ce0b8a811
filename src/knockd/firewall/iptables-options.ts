/** An option with its values; negated: behind `!`. */
export interface Part {
  readonly option: string;
  readonly negated: boolean;
  readonly values: readonly string[];
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

/** The options in order, each by one name: `--dport=22` is `--dport 22`, `--append` is `-A`, `-ptcp` is `-p tcp`. */
export function readParts(words: readonly string[]): Part[] {
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
