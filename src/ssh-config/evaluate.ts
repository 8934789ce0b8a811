import { fromBytes, toBytes } from '../util/bytes.ts';
import { type Config, loadConfig, settingsOf } from './config.ts';
import { type CriteriaTarget, settledHost } from './criteria.ts';
import { FirstValues } from './first-values.ts';
import { execHolds } from './match-exec.ts';
import { readAsSsh, readBlocks } from './read-blocks.ts';
import type { ConfigFiles, ConfigSystem, Destination, Evaluation, Query, Setting, Wanted } from './types.ts';

export { type AliasGroup, findAliases, hasWildcardDoor } from './aliases.ts';
export { type Config, type LoadOptions, loadConfig } from './config.ts';
export { EXEC_MARKER } from './match-exec.ts';
export type * from './types.ts';

/**
 * Reads the files for one host, as ssh would: the first value of each slot, knock_config before ssh's files.
 *
 * @param known every keyword of ours, lower case, wanted or not; any other that begins with `knock` is an error.
 * @throws KnockproxyError `FILE line N: ...`, exit status 2.
 */
export function evaluate(
  query: Query,
  files: ConfigFiles,
  wanted: Wanted,
  system: ConfigSystem,
  known: Iterable<string> = [],
): Evaluation {
  return evaluateConfig(loadConfig(files, wanted, system, { known, query }), query);
}

/** The same for files that are loaded already. */
export function evaluateConfig(config: Config, query: Query): Evaluation {
  return { settings: settingsOf(read(config, query).state), filesRead: config.filesRead };
}

/** What a person who types `ssh alias` would reach. */
export function destinationOf(config: Config, query: Query): Destination {
  const { state, target, system } = read(config, query);
  return {
    host: fromBytes(settledHost(target, state)),
    port: state.tracked.get('port'),
    user: fromBytes(target.user ?? state.tracked.get('user') ?? toBytes(system.localUser)),
  };
}

function read(config: Config, query: Query) {
  const state = new FirstValues(config.table);
  const target: CriteriaTarget = {
    alias: toBytes(query.alias),
    host: query.host === undefined ? undefined : toBytes(query.host),
    port: query.port,
    user: query.user === undefined ? undefined : toBytes(query.user),
  };
  const base = { state, target, name: target.alias, system: config.system, execHolds };
  readBlocks(config.knock.blocks, { ...base, program: config.knock, isFinal: true });
  readAsSsh(
    { ...base, program: config.ssh, isFinal: false },
    () => config.ssh.blocks,
    () => state.taken.size < config.table.slots.length,
  );
  return base;
}

/** How a message names a setting. Its value is never part of a message: that of a Knock keyword is a secret. */
export function describeSetting(setting: Setting): string {
  return `${setting.keyword} in ${setting.file} line ${setting.line}`;
}
