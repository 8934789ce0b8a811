import { fromBytes, lowerAscii, toBytes } from '../util/bytes.ts';
import { type Config, settingsOf } from './config.ts';
import { FirstValues } from './first-values.ts';
import { type HostIndex, hostIndex, isWild } from './host-index.ts';
import { MATCH } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import type { CriteriaTarget, Reading } from './match-criteria.ts';
import { readAsSsh, readBlocks } from './read-blocks.ts';
import { readPort } from './read-port.ts';
import { STRIDE } from './scan.ts';
import type { Evaluation } from './types.ts';

/** Aliases of one host and port with equal values in every slot. */
export interface AliasGroup {
  /** At least one, in file order. */
  readonly aliases: readonly string[];
  /** The evaluation of the first alias. */
  readonly evaluation: Evaluation;
}

/**
 * Finds the names on Host lines, without wildcards, whose HostName (default: the alias in lower case) and Port (default:
 * 22) evaluate to the given ones. Match exec counts as false and is not run. Takes time linear in the size of the files.
 */
export function findAliases(
  config: Config,
  { host, port }: { readonly host: string; readonly port: number },
): AliasGroup[] {
  const wanted = lowerAscii(toBytes(host));
  const knock = hostIndex(config.knock);
  const ssh = hostIndex(config.ssh);
  const groups = new Map<string, { aliases: string[]; state: FirstValues }>();
  for (const alias of candidates(config, wanted, knock, ssh)) {
    const state = readAlias(alias, { config, host: toBytes(host), wanted, port, knock, ssh });
    if (!state) continue;
    const key = state.valuesKey();
    const group = groups.get(key);
    if (group) group.aliases.push(fromBytes(alias));
    else groups.set(key, { aliases: [fromBytes(alias)], state });
  }
  return [...groups.values()].map(({ aliases, state }) => ({
    aliases,
    evaluation: { settings: settingsOf(state), filesRead: config.filesRead },
  }));
}

/** Whether the slot is set in a block with wildcards or under Match, which may apply to another name. */
export function hasWildcardDoor(config: Config, slot: string): boolean {
  const isSlot = config.table.entries.map((entry) => entry.slot === slot);
  return [...config.knock.blocks, ...config.ssh.blocks].some((block) => {
    const { lines } = block.source;
    for (let at = block.from; at < block.to; at += STRIDE) {
      if (!isSlot[lines[at]!]) continue;
      for (let part: typeof block | undefined = block; part; part = part.parent) {
        if (part.condition === MATCH || isWild(part)) return true;
      }
    }
    return false;
  });
}

interface Search {
  readonly config: Config;
  /** Bytes as latin1. */
  readonly host: string;
  /** In lower case. */
  readonly wanted: string;
  readonly port: number;
  readonly knock: HostIndex;
  readonly ssh: HostIndex;
}

/** Evaluates one alias. @returns undefined if it has another host or port. */
function readAlias(alias: string, search: Search): FirstValues | undefined {
  const { config, host, wanted, port, knock, ssh } = search;
  const state = new FirstValues(config.table);
  const given = { port: undefined, user: undefined };
  const target: CriteriaTarget = { alias, host: undefined, port, user: undefined, given };
  const base = { state, target, name: alias, system: config.system, outcome: [], execHolds: countsAsFalse };
  const knockTarget = { ...target, host };
  readBlocks(knock.blocksFor(alias), { ...base, target: knockTarget, program: config.knock, isFinal: true });
  const name = readAsSsh(
    { ...base, program: config.ssh, isFinal: false },
    (named) => ssh.blocksFor(named),
    (host) => lowerAscii(host) === wanted,
  );
  if (lowerAscii(name) !== wanted) return undefined;
  return readPort(state.tracked.get('port'), config.system) === port ? state : undefined;
}

const countsAsFalse: Reading['execHolds'] = (_, execs) => execs.every(({ negated }) => negated);

/** A superset of the aliases that evaluate to the host, in file order. */
function candidates(config: Config, wanted: string, knock: HostIndex, ssh: HostIndex): Set<string> {
  const found = new Set<string>();
  const { code } = config.table.byName.get('hostname')!;
  for (const { source, from, to, id } of config.ssh.blocks) {
    for (let at = from; at < to; at += STRIDE) {
      if (source.lines[at] !== code || !mayBe(source.text, source.lines[at + 1]!, wanted)) continue;
      const names = ssh.namesOf(id);
      if (!names) return new Set([...knock.names(), ...ssh.names()]);
      for (const name of names) found.add(name);
    }
  }
  for (const name of knock.names()) if (lowerAscii(name) === wanted) found.add(name);
  for (const name of ssh.names()) if (lowerAscii(name) === wanted) found.add(name);
  return found;
}

/** A quick test: only a HostName with a token or quotes needs to be evaluated. */
function mayBe(text: string, valueAt: number, wanted: string): boolean {
  const value = text.slice(valueAt, valueEnd(text, valueAt));
  return /[%"'\\#]/.test(value) || lowerAscii(value).includes(wanted);
}
