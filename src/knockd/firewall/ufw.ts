import { type Change, change } from './change.ts';
import { type RulePorts, readPorts, UNKNOWN_PORTS } from './ports.ts';

/** A rule in ufw's full syntax; its parts may be in any order. */
interface Rule {
  verdict: string;
  route: boolean;
  out: boolean;
  proto?: string;
  fromPort?: string;
  /** Port or application. */
  to?: string;
  /** The other parts that make a rule differ from another. */
  others: string[];
}

/** Reads the arguments of ufw. */
export function readUfw(words: readonly string[]): Change[] {
  if (words.includes('--dry-run')) return [];
  const rest = words.filter((word) => !word.startsWith('--'));
  const verdictAt = rest.findIndex((word) => /^(allow|deny|reject|limit)$/i.test(word));
  const before = rest.slice(0, Math.max(verdictAt, 0));
  if (verdictAt < 0) {
    const [verb, number = ''] = rest;
    return verb === 'delete' && /^(\d+$|[$`])/.test(number) ? [change({ adds: false }, `ufw ${number}`)] : [];
  }
  if (!before.every((word) => /^(rule|route|delete|insert|prepend|\d+)$/.test(word))) return [];
  const rule = readRule(rest.slice(verdictAt), before.includes('route'));
  if (rule.out && !rule.route) return [];
  const drops = /^(deny|reject)$/.test(rule.verdict);
  const text = [
    'ufw',
    rule.verdict,
    rule.proto ?? '',
    rule.fromPort ?? '',
    rule.to ?? '',
    ...rule.others.sort(),
  ];
  return [change({ adds: !before.includes('delete'), drops }, text.join(' '), [portsOf(rule)])];
}

function readRule([verdict = '', ...words]: readonly string[], route: boolean): Rule {
  const rule: Rule = { verdict: verdict.toLowerCase(), route, out: false, others: route ? ['route'] : [] };
  let side: 'from' | 'to' | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === 'comment') break;
    if (word === 'proto') rule.proto = words[++at]!;
    else if (word === 'from' || word === 'to') {
      side = word;
      const address = words[++at] ?? '';
      if (address !== 'any') rule.others.push(`${side} ${address}`);
    } else if (word === 'port' || word === 'app') {
      const value = words[++at] ?? '';
      if (side === 'from') rule.fromPort = value;
      else rule.to = value;
    } else if (word === 'on') rule.others.push(`on ${words[++at]}`);
    else if (word === 'out') rule.out = true;
    else if (!/^(in|log|log-all)$/.test(word)) readSimple(word, rule);
  }
  return rule;
}

/** `22`, `22/tcp`, `OpenSSH`. */
function readSimple(word: string, rule: Rule): void {
  const [port, proto] = word.split('/');
  if (port !== undefined) rule.to = port;
  if (proto !== undefined) rule.proto = proto;
}

/** A routed rule names the port behind the router. */
function portsOf({ to, proto, route }: Rule): RulePorts {
  const read = readPorts(to ?? '', proto);
  return route || to === undefined ? { ...UNKNOWN_PORTS, protocol: read.protocol } : read;
}
