import { type ConfigOptions, configFiles, type HostNames, readTypedHost } from '../config/host-config.ts';
import { KEYWORDS, KNOCK_KEYWORDS as spellings } from '../config/keywords.ts';
import { dependsOnUser, neededNames } from '../config/needed-names.ts';
import type { HostSettings } from '../config/settings.ts';
import {
  type Config,
  type ConfigSystem,
  evaluateConfig,
  loadConfig,
  type Setting,
} from '../ssh-config/evaluate.ts';
import { describePlace, KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { realPrograms } from './executables.ts';
import type { Trap } from './findings.ts';
import { ignoreUnknownTraps } from './ignore-unknown-trap.ts';
import { type ConfigLine, configLines } from './line-reader.ts';
import { proxyTraps } from './proxy-command-trap.ts';
import { execTraps, unquotedTraps } from './unquoted-trap.ts';

export interface ConfigFinding {
  readonly settings: HostSettings & { readonly door: NonNullable<HostSettings['door']> };
  readonly names: Required<HostNames>;
  /** The Host or Match line and the line of the door. */
  readonly block: string;
  readonly traps: readonly Trap[];
  /** How many commands of `Match exec` were run. */
  readonly execs: number;
}

const WANTED = new Map<string, string>([
  ...KEYWORDS.flatMap(({ name, slot }): [string, string][] => (slot ? [[name.toLowerCase(), slot]] : [])),
  ['proxycommand', 'proxycommand'],
  ['proxyjump', 'proxyjump'],
  ['ignoreunknown', 'ignoreunknown'],
]);

/**
 * Reads the configuration of a host as typed to ssh, and what in it prevents ssh from using the door.
 *
 * @throws KnockproxyError if it cannot be read, or the host has no door.
 */
export function readConfig(
  alias: string,
  port: number | undefined,
  { config, knockConfig }: { config?: string | undefined; knockConfig?: string | undefined },
  real: ConfigSystem,
): ConfigFinding {
  const files: ConfigOptions = {
    ...(config !== undefined && { configFile: config }),
    ...(knockConfig !== undefined && { knockConfig }),
  };
  const { system, count } = execOnce(real);
  const { settings, names, hints, warning } = readTypedHost(alias, port, files, system);
  const { door } = settings;
  if (door === undefined) throw noDoor(alias, hints);
  const all = loadConfig(configFiles(files), WANTED, system, { spellings });
  const ssh = configLines(all, all.ssh);
  const lines = [...configLines(all, all.knock), ...ssh];
  const open = warning === undefined ? [] : [{ severity: 'warning' as const, ...warning }];
  const proxy = proxyTrapsOf(all, names);
  const command = evaluateConfig(all, names).settings.get('proxycommand');
  const isOurs = command !== undefined && proxy.every(({ severity }) => severity !== 'error');
  const passing = isOurs ? [...lostNameTraps(all, command, names), ...unquotedTraps(command)] : [];
  const traps = [...ignoreUnknownTraps(ssh), ...proxy, ...passing, ...execTraps(all), ...open];
  return {
    settings: { ...settings, door },
    names,
    block: describe(door.where, lines),
    traps,
    execs: count(),
  };
}

/** Without %n, knockproxy has to find the alias by HostName and Port; without %r, it does not know the user. */
function lostNameTraps(all: Config, command: Setting, names: Required<HostNames>): Trap[] {
  if (command.raw.includes('%n') && command.raw.includes('%r')) return [];
  const needed = neededNames(all, names.alias);
  const where = `ProxyCommand in ${describePlace(command)}`;
  const fix = "end it with -- '%h' %p '%n' '%r'";
  if (needed !== 'host' && !command.raw.includes('%n')) {
    const text = `${where} passes no %n, and %h and %p do not identify this door`;
    return [{ severity: 'error', text, fix }];
  }
  if (needed !== 'user' || command.raw.includes('%r')) return [];
  const severity = dependsOnUser(evaluateConfig(all, names).settings) ? 'error' : 'warning';
  return [{ severity, text: `${where} passes no %r, and doors depend on the user`, fix }];
}

function noDoor(alias: string, hints: readonly string[]): KnockproxyError {
  return new KnockproxyError(`no door is configured for ${printable(alias)}`, {
    exitCode: 2,
    hints: [...hints, `knockproxy add ${printable(alias)}, or KnockSequence in ~/.ssh/knock_config`],
  });
}

function proxyTrapsOf(config: Config, names: Required<HostNames>): Trap[] {
  const { settings } = evaluateConfig(config, names);
  const [command, jump] = [settings.get('proxycommand'), settings.get('proxyjump')];
  if (command === undefined || jump === undefined)
    return proxyTraps(command ?? jump, undefined, realPrograms());
  // The one that ssh reads first wins (readconf.c, oProxyCommand and parse_jump).
  const all = configLines(config, config.ssh);
  const at = ({ file, line }: { file: string; line: number }) =>
    all.findIndex((other) => other.file === file && other.line === line);
  const inOrder = at(command) < at(jump) ? ([command, jump] as const) : ([jump, command] as const);
  return proxyTraps(...inOrder, realPrograms());
}

/** The configuration is read twice; this runs each command of `Match exec` once. */
function execOnce(real: ConfigSystem): { system: ConfigSystem; count: () => number } {
  const results = new Map<string, number>();
  const exec: ConfigSystem['exec'] = (command, env) => {
    const status = results.get(command) ?? real.exec(command, env);
    results.set(command, status);
    return status;
  };
  return { system: { ...real, exec }, count: () => results.size };
}

function describe(where: string, lines: readonly ConfigLine[]): string {
  const found = lines.find((line) => describePlace(line) === where);
  const block = found?.block ?? 'every host';
  return `${printable(block)} (${where})`;
}
