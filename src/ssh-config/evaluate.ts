import { fromBytes, toBytes } from '../util/bytes.ts';
import { type Config, settingsOf } from './config.ts';
import { FirstValues } from './first-values.ts';
import { findGiven } from './given.ts';
import { asksForUser, type CriteriaTarget, type GivenBytes } from './match-criteria.ts';
import { execHolds } from './match-exec.ts';
import { outcomeOf } from './outcome.ts';
import { readAsSsh, readBlocks } from './read-blocks.ts';
import type { Destination, Evaluation, Given, Query } from './types.ts';

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
  const target = targetOf(config, query);
  const state = new FirstValues(config.table);
  const base = { state, target, name: target.alias, system: config.system, outcome: [], execHolds };
  readBlocks(config.knock.blocks, { ...base, program: config.knock, isFinal: true });
  readAsSsh(
    { ...base, program: config.ssh, isFinal: false },
    () => config.ssh.blocks,
    () => state.taken.size < config.table.slots.length,
  );
  return { settings: settingsOf(state), filesRead: config.filesRead };
}

/** Where `ssh alias`, or `ssh -p PORT alias`, leads. */
export function destinationOf(
  config: Config,
  typed: { alias: string; port?: number | undefined },
): Destination {
  const { alias, port } = typed;
  const outcome = outcomeOf(config, {
    alias: toBytes(alias),
    host: undefined,
    given: { port, user: undefined },
  });
  return {
    alias,
    host: fromBytes(outcome.host),
    port: outcome.port,
    user: fromBytes(outcome.user),
    given: { ...(port !== undefined && { port }) },
  };
}

function targetOf(config: Config, query: Query): CriteriaTarget {
  const known = { alias: toBytes(query.alias), host: bytesOf(query.host), port: query.port };
  const user = bytesOf(query.user);
  const given = query.given ? givenBytes(query.given) : findGiven(config, { ...known, user });
  const isAsked = user === undefined && asksForUser(config.knock, config.system);
  return { ...known, given, user: isAsked ? outcomeOf(config, { ...known, given }).user : user };
}

function givenBytes({ port, user }: Given): GivenBytes {
  return { port, user: bytesOf(user) };
}

function bytesOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : toBytes(text);
}
