import type { Door, HostSettings } from '../config/settings.ts';
import type { WaitLimit } from '../network/look-up.ts';
import { resolveTargets, type Target } from '../network/resolve.ts';
import type { Prepared, Warn } from '../secrets/obtained-sequences.ts';
import { prepare } from '../secrets/sequence-source.ts';

interface LoginNames {
  readonly host: string;
  /** The name as typed. */
  readonly alias: string;
  /** 1-65535 */
  readonly port: number;
  readonly user: string;
}

export interface LoginQuery extends WaitLimit {
  readonly names: LoginNames;
  readonly settings: Pick<HostSettings, 'door' | 'family' | 'bindAddress' | 'bindInterface' | 'knockHost'>;
  /** The family of the command line: it wins over that of the configuration. */
  readonly family?: 4 | 6 | undefined;
  readonly warn: Warn;
  /** Called before each stage, so that a caller knows which one has failed. */
  readonly onStage?: (stage: 'secret' | 'name') => void;
}

export interface PreparedLogin {
  /** At least one, in the order of preference. */
  readonly targets: readonly Target[];
  /** Whether the host has addresses that this kind of door does not open for. */
  readonly isPartial: boolean;
  /** Absent where the host has no door: it is connected to as it is. */
  readonly behind?: BehindDoor;
}

interface BehindDoor {
  readonly door: Door;
  readonly obtain: Prepared['obtain'];
}

/**
 * Everything that a login does between reading the configuration and the first packet, but for obtaining the sequence:
 * that may ask the user, and waits for the lock.
 *
 * @throws KnockproxyError for what is wrong with the door's secret, and where no address is to be had in time; the
 *   signal's reason when it aborts.
 */
export async function prepareLogin(query: LoginQuery): Promise<PreparedLogin> {
  const { names, settings, warn, onStage, deadlineMs, signal } = query;
  const { door, family } = settings;
  onStage?.('secret');
  const secret = door && (await prepare(door.source, { ...names, where: door.where }, warn));
  const knockHost = settings.knockHost ?? secret?.knockHost;
  onStage?.('name');
  const found = await resolveTargets({
    ...settings,
    host: names.host,
    port: names.port,
    family: query.family ?? family,
    ...(knockHost !== undefined && { knockHost }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    signal,
  });
  const targets = secret?.choose?.(found) ?? found;
  const isPartial = targets.length < found.length;
  return { targets, isPartial, ...(door && secret && { behind: { door, obtain: secret.obtain } }) };
}
