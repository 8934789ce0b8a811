import { fromBytes, toBytes } from '../util/bytes.ts';
import { type Config, settingsOf } from './config.ts';
import { FirstValues } from './first-values.ts';
import { type CriteriaTarget, finalHost } from './match-criteria.ts';
import { execHolds } from './match-exec.ts';
import { readAsSsh, readBlocks } from './read-blocks.ts';
import type { Destination, Evaluation, Query } from './types.ts';

export { type AliasGroup, findAliases, hasWildcardDoor } from './aliases.ts';
export { type Config, type LoadOptions, loadConfig } from './config.ts';
export { EXEC_MARKER } from './match-exec.ts';
export type * from './types.ts';

/**
 * Evaluates loaded files for one host, as ssh would: the first value of each slot, knock_config before ssh's files.
 *
 * @throws KnockproxyError `FILE line N: ...`, exit status 2.
 */
export function evaluateConfig(config: Config, query: Query): Evaluation {
  return { settings: settingsOf(read(config, query).state), filesRead: config.filesRead };
}

/** Where `ssh alias` would connect to. */
export function destinationOf(config: Config, query: Query): Destination {
  const { state, target, system } = read(config, query);
  return {
    host: fromBytes(finalHost(target, state)),
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
