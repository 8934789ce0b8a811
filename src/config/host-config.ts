import { BEGIN_MARK } from '../config-edit/begin-mark.ts';
import {
  type Config,
  type ConfigFiles,
  type ConfigSystem,
  destinationOf,
  evaluateConfig,
  hasWildcardDoor,
  loadConfig,
  type Query,
  type Setting,
} from '../ssh-config/evaluate.ts';
import { realSystem } from '../ssh-config/system.ts';
import { toBytes } from '../util/bytes.ts';
import { configError } from '../util/errors.ts';
import { checkAlias, checkNames, PASS_NAMES } from '../util/names.ts';
import { byAddress } from './by-address.ts';
import { type FileWarning, refuseExposedSecrets } from './exposed-secrets.ts';
import { KEYWORDS, KNOCK_KEYWORDS as spellings } from './keywords.ts';
import { type HostSettings, readSettings } from './settings.ts';

/** The names and the port passed by ssh. */
export interface HostNames {
  readonly host: string;
  readonly port: number;
  readonly alias?: string;
  readonly user?: string;
}

/** Which files are read. */
export interface ConfigOptions {
  /** -F FILE */
  readonly configFile?: string;
  /** --knock-config FILE|none */
  readonly knockConfig?: string;
}

export interface HostConfig {
  readonly settings: HostSettings;
  /** The name as typed to ssh: as given, or found by HOST and PORT. */
  readonly alias: string;
  /** Possible causes, printed if the connection fails. */
  readonly hints: string[];
  readonly warning?: FileWarning;
  /** No line says whether the host has a door, not even `none`. managed: `add` or `import` wrote a block for it. */
  readonly undecided?: 'managed' | 'unknown';
}

/** Without HostName and Port, which only choose the block: the evaluator reads them itself. */
const WANTED = new Map(
  KEYWORDS.filter(({ slot }) => slot !== undefined).map(({ name, slot }) => [name.toLowerCase(), slot!]),
);

/**
 * Reads the configuration of a host: knock_config, then the user's file, then the system's; the first value wins.
 *
 * @throws KnockproxyError `FILE line N: ...` for an invalid Knock line, and as checkNames.
 */
export function readHostConfig(
  names: HostNames & ConfigOptions,
  system: ConfigSystem = realSystem(),
): HostConfig {
  const { host, port, alias = host, user } = names;
  checkNames(names);
  const query = { alias, host, port, ...(user !== undefined && { user }) };
  return settingsFor(names, loadConfig(configFiles(names), WANTED, system, { query, spellings }), query);
}

/**
 * Like readHostConfig(), for a name as typed to ssh: HostName, Port and User come from the configuration.
 *
 * @param port overrides Port.
 */
export function readTypedHost(
  alias: string,
  port: number | undefined,
  files: ConfigOptions,
  system: ConfigSystem = realSystem(),
): HostConfig & { readonly names: Required<HostNames> } {
  checkAlias(alias);
  const config = loadConfig(configFiles(files), WANTED, system, { spellings });
  const { given, ...names } = destinationOf(config, { alias, port });
  return { ...settingsFor(names, config, { ...names, given }), names };
}

function settingsFor(names: HostNames, config: Config, query: Query): HostConfig {
  const warning = refuseExposedSecrets(config.filesRead);
  const { settings } = evaluateConfig(config, query);
  const { alias = names.host, settings: all } =
    names.alias === undefined ? byAddress(config, names, settings) : { alias: names.alias, settings };
  const hints = !all.has('door') && hasWildcardDoor(config, 'door') ? [OTHER_BLOCK_HAS_DOOR] : [];
  return {
    settings: withChange(notViaItself(readSettings(all), names, alias), all.get('door'), config),
    alias,
    hints,
    ...(warning !== undefined && { warning }),
    ...(!all.has('door') && { undecided: isManaged(config, alias) ? 'managed' : 'unknown' }),
  };
}

/**
 * Ignores a KnockVia to the host itself, as ssh does a ProxyJump: `Host *` may have the line.
 *
 * @throws KnockproxyError where it is set and there is no door.
 */
function notViaItself(
  { knockVia, ...settings }: HostSettings,
  { host }: HostNames,
  alias: string,
): HostSettings {
  const via = knockVia?.via.replace(/^.*@/, '').toLowerCase();
  if (knockVia === undefined || via === alias.toLowerCase() || via === host.toLowerCase()) return settings;
  if (settings.door) return { ...settings, knockVia };
  throw configError(
    knockVia.where,
    'KnockVia needs a door',
    'without knocks, use ProxyJump and KnockVia none',
  );
}

/** The settings, and when the file of the door was last changed. */
function withChange(
  settings: HostSettings,
  setting: Setting | undefined,
  { filesRead }: Config,
): HostSettings {
  const file = filesRead.find(({ path }) => path === setting?.file);
  if (settings.door === undefined || file === undefined) return settings;
  return { ...settings, door: { ...settings.door, changedAt: file.changedAt } };
}

/** Whether `add` or `import` wrote a block for the host that is still there. */
function isManaged({ knock, ssh }: Config, alias: string): boolean {
  const mark = `${BEGIN_MARK}${toBytes(alias)} `;
  const files = new Set([...knock.blocks, ...ssh.blocks].map(({ source }) => source));
  return [...files].some(({ text }) => text.includes(mark));
}

const OTHER_BLOCK_HAS_DOOR = `a Host or Match block has a door, but does not match this name: if it should, ${PASS_NAMES}`;

/** The files as the evaluator takes them. */
export function configFiles({ configFile, knockConfig }: ConfigOptions): ConfigFiles {
  return {
    ...(knockConfig !== undefined && { knock: knockConfig, knockIsExplicit: knockConfig !== 'none' }),
    ...(configFile !== undefined && { user: configFile, userIsExplicit: true }),
  };
}
