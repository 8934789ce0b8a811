import { type ConfigOptions, readTypedHost } from '../../config/host-config.ts';
import { prepareLogin } from '../../login/prepare-login.ts';
import type { Warn } from '../../secrets/obtained-sequences.ts';
import { realSystem } from '../../ssh-config/system.ts';
import { withExec } from '../../ssh-config/with-exec.ts';
import { nowMs } from '../../util/clock.ts';
import { KnockproxyError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { refuseVia } from '../../via/refuse-via.ts';
import { boundTo, familyOf, type HostArgs } from './option-tables.ts';
import { readPort } from './port.ts';

/**
 * Finds the door of a host, its addresses, and the deadline for opening it, on the clock of nowMs().
 *
 * @throws KnockproxyError if it has none.
 */
export async function findDoor(args: HostArgs, warn?: Warn) {
  return resolveDoor(await readDoor(args), args, warn);
}

/** Finds the addresses of a door that readDoor() has read. */
export async function resolveDoor(
  { settings, names }: Awaited<ReturnType<typeof readDoor>>,
  args: HostArgs,
  warn: Warn = () => {},
) {
  refuseVia(settings);
  const deadlineMs = nowMs() + settings.limitMs;
  const family = familyOf(args);
  const { targets, isPartial, behind } = await prepareLogin({ names, settings, family, warn, deadlineMs });
  return { ...settings, ...behind!, names, deadlineMs, targets, isPartial };
}

/** The same without asking a name server. @throws KnockproxyError if the host has no door. */
export async function readDoor(args: HostArgs) {
  const { host: alias, port } = args;
  const typedPort = port === undefined ? undefined : readPort(port);
  const { settings, hints, names } = await withExec(
    (system) => readTypedHost(alias, typedPort, hostFiles(args), system),
    realSystem(),
  );
  const { door } = settings;
  if (door === undefined) {
    throw new KnockproxyError(`no door is configured for ${printable(alias)}`, {
      exitCode: 2,
      hints: [...hints, 'set KnockSequence for this host in ~/.ssh/knock_config'],
    });
  }
  return { settings: { ...settings, ...boundTo(args), door }, names };
}

/** The files that the options name. */
export function hostFiles({ config, knockConfig }: Pick<HostArgs, 'config' | 'knockConfig'>): ConfigOptions {
  return {
    ...(config !== undefined && { configFile: config }),
    ...(knockConfig !== undefined && { knockConfig }),
  };
}
