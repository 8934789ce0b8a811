import { type Change, change } from './change.ts';
import { type RulePorts, readPorts, transport, UNKNOWN_PORTS } from './ports.ts';

/** Reads the arguments of nft, which may be one word each or one for all, or what `nft -f -` reads. */
export function readNft(words: readonly string[], _program: string, stdin = ''): Change[] {
  const isFile = words.some((word) => /^(-\w*f|--file)/.test(word));
  if (words.some((word) => /^(-\w*c|--check)/.test(word))) return [];
  const text = isFile ? stdin : words.filter((word) => !word.startsWith('-') || /\s/.test(word)).join(' ');
  return statements(withoutComments(text)).flatMap((statement) => readStatement(statement) ?? []);
}

/** A rule's comment may hold anything. */
function withoutComments(text: string): string {
  return text.replace(/\bcomment\s+("[^"]*"|\S+)/g, '').replace(/\s+/g, ' ');
}

/** Split at `;` outside of braces. */
function statements(text: string): string[] {
  const parts = text.split(/;(?![^{]*\})/).map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function readStatement(text: string): Change | undefined {
  const [, verb, object, rest = ''] =
    /^(add|create|insert|replace|delete|destroy|flush) (rule|element|set|map) (.*)$/.exec(text) ?? [];
  if (verb === undefined) return undefined;
  const adds = /^(add|create|insert|replace)$/.test(verb);
  if (object === 'element') return readElement(rest, adds);
  if (object === 'rule') return readRule(rest, adds);
  return verb === 'flush' || !adds ? change({ adds: false }, `nft ${rest} *`) : undefined;
}

/** `inet filter knocked { 192.0.2.1 . 22 timeout 10s }`, in a map with a verdict behind a colon. */
function readElement(text: string, adds: boolean): Change | undefined {
  const brace = text.indexOf('{');
  if (brace < 0 || !text.endsWith('}')) return undefined;
  const set = text.slice(0, brace).trim();
  const content = text.slice(brace + 1, -1).trim();
  const elements = content.replace(/ (timeout|expires) \S+/g, '').split(/ ?, ?/);
  const drops = elements.some((element) => /: ?(drop|reject)$/.test(element));
  const rule = ['nft', set, ...elements.sort()].join(' ');
  return change({ adds, drops }, rule, [portsOfElements(elements)]);
}

/** The parts of a concatenation that are ports; an address or an interface is none. */
function portsOfElements(elements: readonly string[], protocol?: string): RulePorts {
  const parts = elements.flatMap((element) => element.replace(/ ?:(?!\S).*$/, '').split(/ \. ?/));
  const named = protocol ?? parts.find((part) => /^(tcp|udp)$/.test(part));
  const ports = parts.filter((part) => /^(\d+(-\d+)?|[a-z]{2,})$/.test(part) && !/^(tcp|udp)$/.test(part));
  return ports.length > 0 ? readPorts(ports.join(), named) : { ...UNKNOWN_PORTS, protocol: transport(named) };
}

const DPORT = /\b(tcp|udp|th|sctp|dccp|udplite) dport (?:(!=|ne|==|eq) )?(vmap )?(\{[^}]*\}|\S+)/;

/** `inet filter input ip saddr 192.0.2.1 tcp dport 22 accept`. */
function readRule(text: string, adds: boolean): Change | undefined {
  const [place = '', body = ''] = splitPlace(text);
  if (!adds) return change({ adds }, `nft ${text}`);
  if (!/\b(accept|drop|reject|jump|goto|queue|dnat|redirect|return|vmap)\b/.test(body)) return undefined;
  const drops = /\b(drop|reject)\b/.test(body);
  const found = change({ adds, drops }, `nft ${place} ${body}`, [portsOfRule(place, body)]);
  return /\b(dnat|redirect)\b/.test(body) ? { ...found, forwards: true } : found;
}

/** Family, table, chain and position, and the rule behind them. */
function splitPlace(text: string): string[] {
  const place =
    /^((?:ip6?|inet|arp|bridge|netdev) )?\S+ \S+( (position|index|handle) \d+)?/.exec(text)?.[0] ?? text;
  return [place, text.slice(place.length).trim()];
}

function portsOfRule(place: string, body: string): RulePorts {
  const [, transportWord, operator, , value = ''] = DPORT.exec(body) ?? [];
  const meta = /\b(?:meta l4proto|ip6? (?:protocol|nexthdr)) (tcp|udp|6|17)\b/.exec(body)?.[1];
  const protocol = transportWord === undefined || transportWord === 'th' ? meta : transportWord;
  const isInside = /\bforward$/i.test(place) && !/\b(dnat|redirect)\b/.test(body);
  const isNegated = operator === '!=' || operator === 'ne';
  if (value === '' || isNegated || isInside) return { ...UNKNOWN_PORTS, protocol: transport(protocol) };
  if (!value.startsWith('{')) return readPorts(value, protocol);
  return portsOfElements(value.slice(1, -1).trim().split(/ ?, ?/), protocol);
}
