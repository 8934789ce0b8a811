import type { Step } from '../plan/sequence.ts';
import { parsePort } from '../util/text.ts';
import type { ImportedFile } from './imported-door.ts';
import { type Accepting, followStages, type Stage } from './stage-graph.ts';

/** Whether a file is a ruleset of nftables that puts senders into sets. */
export function isNftRuleset(text: string): boolean {
  return (
    /^\s*(add\s+)?table\s/m.test(text) && /\b(add|update|set)\s+(@\w|(add|update)\s+ip6?\s+saddr)/.test(text)
  );
}

/**
 * Reads a ruleset of nftables: `add @SET { ip saddr ... }` puts a sender into a set, `ip saddr @SET` requires it; or, with
 * one set for all steps, `add @SET { ip saddr . PORT }` says which port is next. Rules of IPv6 repeat those of IPv4.
 */
export function readNftRuleset(text: string, file: string): ImportedFile {
  const defines = definesOf(text);
  const stages: Stage[] = [];
  const accepting: Accepting[] = [];
  const isDualStack = /\bip saddr\b/.test(text);
  for (const [index, raw] of text.split('\n').entries()) {
    const rule = expand(raw.replace(/#.*$/, ''), defines);
    if (isDualStack && /\bip6 saddr\b/.test(rule)) continue;
    const line = index + 1;
    const knock = matchOf(rule);
    for (const [, set = '', element = ''] of rule.matchAll(/\b(?:add|update)\s+@(\w+)\s*\{([^}]*)\}/g)) {
      const next = /saddr\s*\.\s*(\d+)/.exec(element)?.[1];
      stages.push({
        from: knock.from,
        to: next === undefined ? set : `${set}.${next}`,
        step: knock.step,
        line,
      });
    }
    if (/\baccept\b/.test(rule) && knock.from !== undefined) {
      accepting.push({ list: knock.from, ports: knock.tcpPorts, line });
    }
  }
  return { doors: followStages(stages, accepting, file), notes: [] };
}

/** `define NAME = VALUE`, used as `$NAME`. */
function definesOf(text: string): Map<string, string> {
  const found = text.matchAll(/^\s*define\s+(\w+)\s*=\s*(.+?)\s*$/gm);
  return new Map([...found].map(([, name, value]) => [name!, value!]));
}

function expand(rule: string, defines: ReadonlyMap<string, string>): string {
  return rule.replace(/\$(\w+)/g, (whole, name: string) => defines.get(name) ?? whole);
}

interface Match {
  /** The set that the sender must be in; with a port, that of a set for all steps. */
  readonly from: string | undefined;
  readonly step: Step | string;
  readonly tcpPorts: readonly number[];
}

function matchOf(rule: string): Match {
  const statements = rule.replace(/\b(?:add|update)\s+@\w+\s*\{[^}]*\}/g, '');
  const [, protocol, value = ''] = /\b(tcp|udp)\s+dport\s+(\{[^}]*\}|\S+)/.exec(statements) ?? [];
  const ports = value
    .replace(/[{}]/g, '')
    .split(',')
    .map((each) => portOf(each.trim()));
  const [port] = ports;
  const all = /saddr\s*\.\s*(?:tcp|udp)\s+dport\s+@(\w+)/.exec(statements)?.[1];
  const own = /saddr\s+@(\w+)/.exec(statements)?.[1];
  const isOne = ports.length === 1 && port !== undefined;
  return {
    from: all === undefined ? own : `${all}.${port}`,
    step: stepOf(protocol, isOne ? port : undefined, statements),
    tcpPorts: protocol === 'tcp' ? ports.flatMap((each) => each ?? []) : [],
  };
}

function stepOf(protocol: string | undefined, port: number | undefined, rule: string): Step | string {
  if (/\b(meta length|udp length|@th|@ih|icmp)\b/.test(rule)) {
    return 'a match on the length or content of a knock is not supported';
  }
  if (protocol !== 'tcp' && protocol !== 'udp') return 'a knock rule must match a tcp or udp port';
  return port === undefined ? 'a knock rule must match exactly one port' : { port, protocol };
}

/** Names as in /etc/services, for the port of a door. */
const SERVICES: Readonly<Record<string, number>> = { ssh: 22, http: 80, https: 443 };

function portOf(word: string): number | undefined {
  return SERVICES[word] ?? parsePort(word);
}
