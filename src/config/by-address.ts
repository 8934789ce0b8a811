import {
  type AliasGroup,
  type Config,
  findAliases,
  type Setting,
  type Settings,
} from '../ssh-config/evaluate.ts';
import { describePlace, KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { PASS_NAMES } from '../util/names.ts';

/** The settings found by `%h %p` alone. */
interface ByAddress {
  /** The alias that leads there; undefined: none, or several with one door. */
  readonly alias?: string;
  readonly settings: Settings;
}

/**
 * With `%h %p` alone, the name the user typed is lost. Adds the settings of the aliases whose HostName and Port evaluate
 * to HOST and PORT, provided that they and HOST itself have the same door.
 *
 * @param own the settings of HOST as a name.
 * @throws KnockproxyError (exit status 2) naming two that differ.
 */
export function byAddress(
  config: Config,
  { host, port }: { readonly host: string; readonly port: number },
  own: Settings,
): ByAddress {
  const groups = findAliases(config, { host, port });
  const withDoor = groups.filter(({ evaluation }) => evaluation.settings.has('door'));
  const candidates = [...(own.has('door') ? [ownGroup(host, own, groups)] : []), ...withDoor];
  const doors = new Map(candidates.flatMap((group) => doorsOf(group)));
  const [first, other] = doors.values();
  if (other !== undefined) throw differ(host, port, first!, other);
  const settings = (own.has('door') ? groups[0] : (withDoor[0] ?? groups[0]))?.evaluation.settings;
  const aliases = withDoor.flatMap(({ aliases }) => aliases);
  return {
    ...(!own.has('door') && aliases.length === 1 && { alias: aliases[0]! }),
    settings: new Map([...(settings ?? []), ...own]),
  };
}

/** HOST as a further name; an alias that differs only in case is the same name. */
function ownGroup(host: string, settings: Settings, groups: readonly AliasGroup[]): AliasGroup {
  const same = groups.flatMap(({ aliases }) => aliases).find((alias) => alias.toLowerCase() === host);
  return { aliases: [same ?? host], evaluation: { settings, filesRead: [] } };
}

/** The doors of a group, each with a key that is equal for equal doors. */
function doorsOf(group: AliasGroup): [string, { alias: string; group: AliasGroup }][] {
  const secret = secretSettings(group.evaluation.settings);
  const text = secret.flatMap(({ keyword, words }) => [keyword, ...words]).join(' ');
  return group.aliases.map((alias) => [
    secret.some(dependsOnAlias) ? `${text} ${alias}` : text,
    { alias, group },
  ]);
}

/** The settings that say where the secret of a door is. */
export function secretSettings(settings: Settings): Setting[] {
  return ['door', 'spakeys'].flatMap((slot) => settings.get(slot) ?? []);
}

/** Whether the door depends on the alias: by `%n`, or by a stanza of ~/.fwknoprc with the host's name. */
export function dependsOnAlias({ keyword, words }: Pick<Setting, 'keyword' | 'words'>): boolean {
  const isNamedStanza = keyword === 'knockspa' && words[0]?.toLowerCase() === 'yes';
  return isNamedStanza || words.some((word) => word.replaceAll('%%', '').includes('%n'));
}

type NamedDoor = { readonly alias: string; readonly group: AliasGroup };

function differ(host: string, port: number, first: NamedDoor, other: NamedDoor): KnockproxyError {
  const isOneBlock = first.group === other.group;
  const names = isOneBlock ? nameGroup(first.group.aliases, first) : `${nameDoor(first)}, ${nameDoor(other)}`;
  return new KnockproxyError(
    `several names resolve to ${printable(host)} port ${port}, with different doors: ${names}`,
    { exitCode: 2, hints: [PASS_NAMES] },
  );
}

function nameDoor(door: NamedDoor): string {
  return nameGroup(door.group.aliases, door);
}

function nameGroup(aliases: readonly string[], { group }: NamedDoor): string {
  const door = group.evaluation.settings.get('door')!;
  return `${aliases.slice(0, 3).map(printable).join(' ')} (${describePlace(door)})`;
}
