import { type Change, change } from './change.ts';
import { type RulePorts, readPorts, transport, UNKNOWN_PORTS } from './ports.ts';

/** Reads the arguments of pfctl: tables, and the rules that `pfctl -f -` reads. */
export function readPfctl(words: readonly string[], _program: string, stdin = ''): Change[] {
  const options = readOptions(words);
  if (options.has('n')) return [];
  const anchor = options.get('a') ?? '';
  const command = options.get('T');
  if (command !== undefined) return readTable(command, [anchor, options.get('t'), options.get('')].join(' '));
  if (options.has('F') && !/^(states?|info|Sources|osfp)$/i.test(options.get('F')!)) {
    return [change({ adds: false }, `pf ${anchor}`)];
  }
  if (options.get('f') !== '-') return [];
  return stdin.split('\n').flatMap((line) => readRule(line, anchor) ?? []);
}

function readTable(command: string, entry: string): Change[] {
  if (/^(add|replace)$/.test(command)) return [change({ adds: true }, `pf table ${entry}`)];
  return /^(delete|flush|kill|expire)$/.test(command) ? [change({ adds: false }, `pf table ${entry}`)] : [];
}

const WITH_VALUE = new Set('aDFfikKLoPpRsTtxVS');

/** By letter; '' has the operands. */
function readOptions(words: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!/^-[a-zA-Z]/.test(word)) {
      found.set('', [...(found.get('') ?? '').split(' '), word].join(' ').trim());
      continue;
    }
    for (let letter = 1; letter < word.length; letter++) {
      const name = word[letter]!;
      const takesValue = WITH_VALUE.has(name);
      found.set(name, takesValue ? word.slice(letter + 1) || (words[++at] ?? '') : '');
      if (takesValue) break;
    }
  }
  return found;
}

/** pf.conf(5): `pass in quick on em0 proto tcp from 192.0.2.1 to any port 22 keep state`. */
function readRule(line: string, anchor: string): Change | undefined {
  const text = line
    .replace(/#.*/, '')
    .replace(/\blabel\s+("[^"]*"|\S+)/, '')
    .trim();
  const [, verb] = /^(pass|block|match|rdr)\b/.exec(text) ?? [];
  if (verb === undefined || /^(pass|block|match) out\b/.test(text)) return undefined;
  const [matched = ''] = text.split(/->|\brdr-to\b/);
  const made = change({ adds: true, drops: verb === 'block' }, `pf ${anchor}`, [portsOf(matched)]);
  return matched === text ? made : { ...made, forwards: true };
}

function portsOf(text: string): RulePorts {
  const protocol = /\bproto (\{[^}]*\}|\S+)/.exec(text)?.[1];
  const known = protocol?.includes('tcp') ? 'tcp' : protocol;
  const to = text.slice(text.search(/\bto\b/));
  const [, value] = /\bport\s*=?\s*(\{[^}]*\}|[\w:$]+)(?!\s*(?:><|<>))/.exec(to) ?? [];
  if (value === undefined || !/\bto\b/.test(text)) return { ...UNKNOWN_PORTS, protocol: transport(known) };
  return readPorts(value.replace(/[{}]/g, ' '), known);
}
