import { toBytes } from '../util/bytes.ts';
import { SSH_PORT } from '../util/text.ts';
import type { Config } from './config.ts';
import { FirstValues } from './first-values.ts';
import { type CriteriaTarget, finalHost, type Reading } from './match-criteria.ts';
import { execHolds } from './match-exec.ts';
import { readAsSsh } from './read-blocks.ts';
import { readPort } from './read-port.ts';

/** Bytes as latin1. */
export interface Outcome {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/**
 * What ssh's files make of a name: HostName, Port and User, whatever block sets them, Match exec included.
 *
 * @param target what was typed, and the host where that is known.
 */
export function outcomeOf(
  config: Config,
  { alias, host, given }: Pick<CriteriaTarget, 'alias' | 'host' | 'given'>,
): Outcome {
  const state = new FirstValues(config.table, { hasSlots: false });
  const target = { alias, host, given, port: given.port ?? SSH_PORT, user: given.user };
  const { ssh, system } = config;
  const reading: Reading = {
    ...{ state, target, name: alias, program: ssh, system, execHolds },
    isFinal: false,
    outcome: ['hostname', 'port', 'user'],
  };
  readAsSsh(
    reading,
    () => ssh.blocks,
    () => true,
  );
  return {
    host: finalHost(target, state),
    port: given.port ?? readPort(state.tracked.get('port'), system),
    user: given.user ?? state.tracked.get('user') ?? toBytes(system.localUser),
  };
}
