import type { Step } from '../plan/sequence.ts';
import { parsePort } from '../util/text.ts';
import type { ImportedFile } from './imported-door.ts';
import { iptablesStep, isIp6tables, splitRule } from './iptables-step.ts';
import { type Accepting, followStages, type Stage } from './stage-graph.ts';

/** Whether a file has rules of iptables, or of iptables-save, that use the `recent` match. */
export function isRecentRules(text: string): boolean {
  return text.split('\n').some((line) => ruleOf(line)?.options.some(isRecentMatch));
}

/**
 * Reads the rules of a door made of iptables' `recent` lists: `--set` puts a sender on a list, `--rcheck` or `--update`
 * requires it, in the same rule or in the rule that jumps to its chain.
 */
export function readRecentRules(text: string, file: string): ImportedFile {
  const rules = rulesOf(text, isIp6tables(text));
  const stages: Stage[] = [];
  const accepting: Accepting[] = [];
  for (const rule of rules) {
    const from = requiredList(rule, rules);
    if (rule.sets !== undefined) {
      stages.push({
        from: from === rule.sets ? undefined : from,
        to: rule.sets,
        step: rule.step,
        line: rule.line,
      });
    }
    if (rule.target === 'ACCEPT' && from !== undefined) {
      accepting.push({ list: from, ports: rule.tcpPorts, line: rule.line });
    }
  }
  return { doors: followStages(stages, accepting, file), notes: [] };
}

interface RecentRule {
  readonly line: number;
  readonly chain: string;
  readonly target: string | undefined;
  /** The list that a sender is put on. */
  readonly sets?: string;
  /** The list that a sender must be on. */
  readonly requires?: string;
  readonly step: Step | string;
  readonly tcpPorts: readonly number[];
}

function rulesOf(text: string, isV6File: boolean): RecentRule[] {
  return text.split('\n').flatMap((line, index) => {
    const rule = ruleOf(line);
    return rule === undefined ? [] : [readRule(rule, index + 1, isV6File)];
  });
}

interface RuleWords {
  readonly chain: string;
  readonly options: readonly string[];
  /** Whether the command is ip6tables; undefined: a line of iptables-save. */
  readonly isV6?: boolean;
}

/** A line of iptables-save, or an iptables command in a script; undefined: another line. */
function ruleOf(line: string): RuleWords | undefined {
  const words = splitRule(line.trim());
  const at = words.findIndex((word) => ['-A', '-I', '--append', '--insert'].includes(word));
  const isRule = at === 0 || words.slice(0, Math.max(at, 0)).some((word) => /(^|\/)ip6?tables$/.test(word));
  if (!isRule || words[0]!.startsWith('#')) return undefined;
  const command = words.slice(0, at).find((word) => /(^|\/)ip6?tables$/.test(word));
  return {
    chain: words[at + 1] ?? '',
    options: words.slice(at + 2),
    ...(command !== undefined && { isV6: command.endsWith('ip6tables') }),
  };
}

function isRecentMatch(word: string, at: number, words: readonly string[]): boolean {
  return word === 'recent' && ['-m', '--match'].includes(words[at - 1] ?? '');
}

function readRule({ chain, options: words, isV6 }: RuleWords, line: number, isV6File: boolean): RecentRule {
  const after = (...names: string[]) =>
    words[words.findIndex((word) => names.includes(word)) + 1 || words.length];
  const protocol = after('-p', '--protocol');
  const ports = (after('--dport', '--dports', '--destination-port') ?? '').split(',');
  return {
    line,
    chain,
    target: after('-j', '--jump', '-g', '--goto'),
    ...recentOptions(words),
    step: iptablesStep({ protocol, ports, words, isV6: isV6 ?? isV6File }),
    tcpPorts: protocol === 'tcp' ? ports.flatMap((port) => parsePort(port) ?? []) : [],
  };
}

/** A rule may have several `recent` matches, each with a name. */
function recentOptions(words: readonly string[]): Pick<RecentRule, 'sets' | 'requires'> {
  let found: Pick<RecentRule, 'sets' | 'requires'> = {};
  const starts = words.flatMap((word, at) => (isRecentMatch(word, at, words) ? at : []));
  for (const [n, start] of starts.entries()) {
    const own = words.slice(start, starts[n + 1] ?? words.length);
    const name = own[own.indexOf('--name') + 1 || own.length] ?? 'DEFAULT';
    if (own.includes('--set')) found = { ...found, sets: name };
    const isRequired = own.includes('--rcheck') || own.includes('--update');
    if (isRequired && own[own.findIndex((word) => /^--(rcheck|update)$/.test(word)) - 1] !== '!') {
      found = { ...found, requires: name };
    }
  }
  return found;
}

/** The list that a rule requires: its own, or that of the rule which jumps to its chain. */
function requiredList(rule: RecentRule, rules: readonly RecentRule[], depth = 0): string | undefined {
  if (rule.requires !== undefined || depth > 8) return rule.requires;
  for (const jump of rules) {
    if (jump.target !== rule.chain) continue;
    const list = requiredList(jump, rules, depth + 1);
    if (list !== undefined) return list;
  }
  return undefined;
}
