import { type AliasGroup, type Config, type Evaluation, findAliases } from '../ssh-config/evaluate.ts';
import { describePlace, KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { PASS_NAMES } from '../util/names.ts';

type Settings = Evaluation['settings'];

/** What `%h %p` alone finds. */
export interface ByAddress {
  /** The alias that leads there; undefined: none, or several with one door. */
  readonly alias?: string;
  readonly settings: Settings;
}

/**
 * With `%h %p` alone, the name the user typed is lost: adds what stands for the aliases whose HostName and Port come
 * out as HOST and PORT, when they and HOST itself agree on the door.
 *
 * @param own what stands for HOST as a name.
 * @throws KnockproxyError (exit status 2) naming two that do not agree.
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

/** HOST as a name beside the aliases; an alias that only differs in case is the same name. */
function ownGroup(host: string, settings: Settings, groups: readonly AliasGroup[]): AliasGroup {
  const same = groups.flatMap(({ aliases }) => aliases).find((alias) => alias.toLowerCase() === host);
  return { aliases: [same ?? host], evaluation: { settings, filesRead: [] } };
}

/** Each different door of a group, by what makes it different. */
function doorsOf(group: AliasGroup): [string, { alias: string; group: AliasGroup }][] {
  const { keyword, words } = group.evaluation.settings.get('door')!;
  const text = [keyword, ...words].join(' ');
  return group.aliases.map((alias) => [
    dependsOnAlias(keyword, words) ? `${text} ${alias}` : text,
    { alias, group },
  ]);
}

/** `%n`, and a stanza of ~/.fwknoprc that is called like the host. */
export function dependsOnAlias(keyword: string, words: readonly string[]): boolean {
  const isNamedStanza = keyword === 'knockspa' && words[0]?.toLowerCase() === 'yes';
  return isNamedStanza || words.some((word) => word.replaceAll('%%', '').includes('%n'));
}

type One = { readonly alias: string; readonly group: AliasGroup };

function differ(host: string, port: number, first: One, other: One): KnockproxyError {
  const isOneBlock = first.group === other.group;
  const names = isOneBlock ? nameGroup(first.group.aliases, first) : `${nameOne(first)}, ${nameOne(other)}`;
  return new KnockproxyError(
    `several hosts lead to ${printable(host)} port ${port}, with different doors: ${names}`,
    { exitCode: 2, hints: [PASS_NAMES] },
  );
}

function nameOne(one: One): string {
  return nameGroup(one.group.aliases, one);
}

function nameGroup(aliases: readonly string[], { group }: One): string {
  const door = group.evaluation.settings.get('door')!;
  return `${aliases.slice(0, 3).map(printable).join(' ')} (${describePlace(door)})`;
}
