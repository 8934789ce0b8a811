import { parsePort } from '../util/text.ts';
import type { ImportedFile } from './imported-door.ts';
import { contextsOf, type Jump, type PacketContext, within } from './nft-chains.ts';
import { nftStep } from './nft-step.ts';
import { type Accepting, followStages, type Stage } from './stage-graph.ts';

/** Whether a file is a ruleset of nftables that puts senders into sets. */
export function isNftRuleset(text: string): boolean {
  return (
    /^\s*(add\s+)?table\s/m.test(text) && /\b(add|update|set)\s+(@\w|(add|update)\s+ip6?\s+saddr)/.test(text)
  );
}

/**
 * Reads a ruleset of nftables: `add @SET { ip saddr ... }` puts a sender into a set, `ip saddr @SET` requires it; or, with
 * one set for all steps, `add @SET { ip saddr . PORT }` says which port is next. What a rule does not match, the rules that
 * jump to its chain do. Rules of IPv6 repeat those of IPv4.
 */
export function readNftRuleset(text: string, file: string): ImportedFile {
  const rules = rulesOf(text);
  const contexts = contextsOf(rules.flatMap(jumpsOf));
  const stages: Stage[] = [];
  const accepting: Accepting[] = [];
  for (const { chain, text: rule, line, isV6 } of rules) {
    const own = matchOf(rule, isV6, line);
    const sets = [...rule.matchAll(/\b(?:add|update)\s+@(\w+)\s*\{([^}]*)\}/g)];
    const isAccepted = /\baccept\b/.test(rule);
    if (sets.length === 0 && !isAccepted) continue;
    for (const { from, step = NO_PORT, line: at = line, ports } of contexts(chain).map((context) =>
      within(context, own),
    )) {
      for (const [, set = '', element = ''] of sets) {
        const next = /saddr\s*\.\s*(\d+)/.exec(element)?.[1];
        stages.push({ from, to: next === undefined ? set : `${set}.${next}`, step, line: at });
      }
      if (isAccepted && from !== undefined) accepting.push({ list: from, ports, line });
    }
  }
  return { doors: followStages(stages, accepting, file), notes: [] };
}

const NO_PORT = 'a knock rule must match a tcp or udp port';

interface NftRule {
  /** undefined: unknown. */
  readonly chain: string | undefined;
  readonly text: string;
  readonly line: number;
  readonly isV6: boolean;
}

function rulesOf(text: string): NftRule[] {
  const defines = definesOf(text);
  const isDualStack = /\bip saddr\b/.test(text);
  let chain: string | undefined;
  let family = '';
  return text.split('\n').flatMap((raw, index) => {
    const rule = expand(raw.replace(/#.*$/, ''), defines);
    family = /^\s*(?:add\s+)?table\s+(\w+)\s+\S+\s*\{/.exec(rule)?.[1] ?? family;
    chain = /^\s*(?:chain|add\s+chain(?:\s+\w+)?\s+\w+)\s+(\w+)\s*\{/.exec(rule)?.[1] ?? chain;
    const added = /^\s*(?:nft\s+)?(?:add|insert)\s+rule\s+(?:(\w+)\s+)?\w+\s+(\w+)\s/.exec(rule);
    const isV6 = /\b(ip6|icmpv6)\b/.test(rule) || (added?.[1] ?? family) === 'ip6';
    if (isDualStack && isV6) return [];
    return [{ chain: added?.[2] ?? chain, text: rule, line: index + 1, isV6 }];
  });
}

/** `define NAME = VALUE`, used as `$NAME`. */
function definesOf(text: string): Map<string, string> {
  const found = text.matchAll(/^\s*define\s+(\w+)\s*=\s*(.+?)\s*$/gm);
  return new Map([...found].map(([, name, value]) => [name!, value!]));
}

function expand(rule: string, defines: ReadonlyMap<string, string>): string {
  return rule.replace(/\$(\w+)/g, (whole, name: string) => defines.get(name) ?? whole);
}

/** `... goto CHAIN`, and each element of `dport vmap { PORT : goto CHAIN, ... }`. */
function jumpsOf({ chain, text, isV6, line }: NftRule): Jump[] {
  const [, protocol, elements] = /\b(tcp|udp)\s+dport\s+vmap\s*\{([^}]*)\}/.exec(text) ?? [];
  if (elements === undefined) {
    const to = /\b(?:goto|jump)\s+(\w+)/.exec(text)?.[1];
    return to === undefined ? [] : [{ chain, to, match: matchOf(text, isV6, line) }];
  }
  return elements.split(',').flatMap((element) => {
    const [value = '', verdict = ''] = element.split(':');
    const to = /^\s*(?:goto|jump)\s+(\w+)\s*$/.exec(verdict)?.[1];
    const port = portOf(value.trim());
    if (to === undefined) return [];
    const step =
      port === undefined
        ? 'a knock rule must match exactly one port'
        : { port, protocol: protocol as 'tcp' | 'udp' };
    return [
      { chain, to, match: { from: undefined, step, line, ports: protocol === 'tcp' && port ? [port] : [] } },
    ];
  });
}

function matchOf(rule: string, isV6: boolean, line: number): PacketContext {
  const matches = rule.replace(/\b(?:add|update|delete)\s+@\w+\s*\{[^}]*\}/g, '');
  const all = SET_FOR_ALL.exec(matches)?.[1];
  const own = /saddr\s+@(\w+)/.exec(matches)?.[1];
  const packet = matches.replace(SET_FOR_ALL, '');
  const [, protocol, value = ''] = /\b(tcp|udp)\s+dport\s+(\{[^}]*\}|\S+)/.exec(packet) ?? [];
  const ports = value
    .replace(/[{}]/g, '')
    .split(',')
    .map((each) => portOf(each.trim()));
  return {
    from: all === undefined ? own : `${all}.${ports[0]}`,
    step: nftStep(packet, isV6),
    line,
    ports: protocol === 'tcp' ? ports.flatMap((each) => each ?? []) : [],
  };
}

const SET_FOR_ALL = /saddr\s*\.\s*(?:tcp|udp)\s+dport\s+@(\w+)/;

/** Names as in /etc/services, for the port of a door. */
const SERVICES: Readonly<Record<string, number>> = { ssh: 22, http: 80, https: 443 };

function portOf(word: string): number | undefined {
  return SERVICES[word] ?? parsePort(word);
}
