import { parsePort } from './argv.ts';
import { KEYWORDS } from './door/keywords.ts';
import { type HostSettings, readSettings } from './door/settings.ts';
import { describePlace, KnockproxyError } from './errors.ts';
import { printable } from './report.ts';
import { checkSecretFiles, type FileWarning } from './secret-files.ts';
import {
  type AliasGroup,
  type Config,
  type ConfigFiles,
  type ConfigSystem,
  destinationOf,
  type Evaluation,
  evaluateConfig,
  findAliases,
  hasWildcardDoor,
  loadConfig,
  type Query,
} from './ssh-config/evaluate.ts';
import { realSystem } from './ssh-config/system.ts';

type Settings = Evaluation['settings'];

/** What names a host. */
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
  /** What may be the cause, should the connection fail. */
  readonly hints: string[];
  /** Something the user should mend. */
  readonly warning?: FileWarning;
}

/** HostName and Port only choose the block; the evaluator follows them itself. */
const WANTED = new Map(
  KEYWORDS.filter(({ slot }) => slot !== undefined).map(({ name, slot }) => [name.toLowerCase(), slot!]),
);

/**
 * Reads what the configuration says about a host: knock_config, then the user's file, then the system's;
 * the first value wins.
 *
 * @throws KnockproxyError with `FILE line N` for what is wrong in a line of ours.
 */
export function readHostConfig(
  names: HostNames & ConfigOptions,
  system: ConfigSystem = realSystem(),
): HostConfig {
  const { host, port, alias = host, user } = names;
  const query = { alias, host, port, ...(user !== undefined && { user }) };
  return readFor(names, loadConfig(configFiles(names), WANTED, system, { query }), query);
}

/**
 * The same for a name as a person types it to ssh: HostName, Port and User come from the configuration.
 *
 * @param port wins over the configuration's; 22 when neither says one.
 */
export function readTypedHost(
  alias: string,
  port: number | undefined,
  files: ConfigOptions,
  system: ConfigSystem = realSystem(),
): HostConfig & { readonly names: Required<HostNames> } {
  const config = loadConfig(configFiles(files), WANTED, system, {});
  const destination = destinationOf(config, { alias, port: port ?? 22 });
  const { host, user } = destination;
  const names = { alias, host, user, port: port ?? parsePort(destination.port ?? '') ?? 22 };
  return { ...readFor(names, config, names), names };
}

function readFor(names: HostNames, config: Config, query: Query): HostConfig {
  const warning = checkSecretFiles(config.filesRead);
  const { settings } = evaluateConfig(config, query);
  const aliases = names.alias === undefined ? findAliases(config, names) : [];
  const byAlias = settings.has('door') ? aliases[0]?.evaluation.settings : agreedSettings(names, aliases);
  const all = new Map([...(byAlias ?? []), ...settings]);
  const hints = !all.has('door') && hasWildcardDoor(config, 'door') ? [PASS_ALL_TOKENS] : [];
  return { settings: readSettings(all), hints, ...(warning !== undefined && { warning }) };
}

const PASS_ALL_TOKENS =
  'some Host or Match block has a door, but not for this name: ' +
  'if it should, let ProxyCommand pass %h %p %n %r';

/** The files as the evaluator takes them. */
export function configFiles({ configFile, knockConfig }: ConfigOptions): ConfigFiles {
  return {
    ...(knockConfig !== undefined && { knock: knockConfig, knockIsExplicit: knockConfig !== 'none' }),
    ...(configFile !== undefined && { user: configFile, userIsExplicit: true }),
  };
}

/**
 * With `%h %p` alone, the name the user typed is lost: takes what stands for the aliases whose HostName and
 * Port come out as HOST and PORT, when they agree on the door.
 */
function agreedSettings({ host, port }: HostNames, groups: readonly AliasGroup[]): Settings | undefined {
  const [first, ...rest] = groups.filter(({ evaluation }) => evaluation.settings.has('door'));
  const other = first && rest.find((group) => doorText(group) !== doorText(first));
  if (other === undefined) return (first ?? groups[0])?.evaluation.settings;
  throw new KnockproxyError(
    `several hosts lead to ${printable(host)} port ${port}, with different doors: ` +
      `${nameGroup(first!)}, ${nameGroup(other)}`,
    { exitCode: 2, hints: ['let ProxyCommand pass the name as typed: knockproxy %h %p %n'] },
  );
}

function doorText({ evaluation }: AliasGroup): string {
  const { keyword, words } = evaluation.settings.get('door')!;
  return [keyword, ...words].join(' ');
}

function nameGroup({ aliases, evaluation }: AliasGroup): string {
  const door = evaluation.settings.get('door')!;
  return `${aliases.slice(0, 3).map(printable).join(' ')} (${describePlace(door)})`;
}
