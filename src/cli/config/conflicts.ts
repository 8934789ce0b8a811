import { splitSetting } from '../../config-edit/config-lines.ts';
import { ownLines } from '../../config-edit/insertion-point.ts';
import { showCommand } from '../../config-edit/show-changes.ts';
import { wantsFinal } from '../../ssh-config/match-criteria.ts';
import { toBytes } from '../../util/bytes.ts';
import { configError, describePlace, usageError } from '../../util/errors.ts';
import { type EditableConfigs, loadPair, settingsFor } from './editable-configs.ts';

const FORCE = '--force puts the new one in effect';

/** @throws KnockproxyError when the host has a door by other lines than ours. */
export function refuseOtherDoor(host: string, pair: EditableConfigs): void {
  const door = settingsFor(loadPair(pair), host).get('door');
  if (door === undefined || /^none$/i.test(door.raw)) return;
  throw configError(door, `${host} has another door already`, FORCE);
}

/** @throws KnockproxyError when the host's own block says otherwise. How ssh reaches it may change: that is kept. */
export function refuseOtherValues(host: string, lines: readonly string[], { config }: EditableConfigs): void {
  const wanted = new Map(lines.map(splitSetting));
  for (const { keyword, value, number } of ownLines((config.text ?? '').split('\n'), toBytes(host))) {
    const other = wanted.get(keyword);
    if (other === undefined || other === value || keyword === 'proxycommand') continue;
    throw configError({ file: config.path, line: number }, `${host} has another ${keyword} already`, FORCE);
  }
}

export function addedBefore(host: string, file: string) {
  return configError({ file }, `${host} was added before, and differently`, FORCE);
}

/** What the user should know before a block for the host is added. */
export function notesFor(host: string, pair: EditableConfigs): string[] {
  const { ssh, system } = loadPair(pair);
  const hasSecondPass =
    wantsFinal(ssh, system) || /^[ \t]*CanonicalizeHostname/im.test(pair.config.text ?? '');
  return [
    ...displaced(host, pair),
    ...(hasSecondPass
      ? [`Match final or CanonicalizeHostname: names that lead to ${host} get this block too`]
      : []),
  ];
}

/** How ssh has reached the host so far, when that is not directly. */
function displaced(host: string, pair: EditableConfigs): string[] {
  const proxy = settingsFor(loadPair(pair), host).get('proxy');
  if (proxy === undefined || /^none$/i.test(proxy.raw)) return [];
  const isJump = proxy.keyword === 'proxyjump';
  return [
    `so far ssh reaches ${host} by ${isJump ? `ProxyJump ${proxy.raw}` : `ProxyCommand ${showCommand(proxy.raw)}`} ` +
      `(${describePlace(proxy)}); 'knockproxy remove ${host}' restores that`,
    ...(isJump
      ? [`to knock from the jump host itself: ProxyCommand ssh JUMPHOST "knockproxy -- '%h' %p"`]
      : []),
  ];
}

/** Names the line that comes before every place in the file. */
export function noWay(host: string, pair: EditableConfigs, lines: readonly string[]) {
  const settings = settingsFor(loadPair(pair), host);
  const keywords = lines.map((line) => splitSetting(line)[0]);
  const winner =
    [...settings.values()].find(({ keyword }) => keywords.includes(keyword)) ?? settings.get('proxy');
  if (winner === undefined) return usageError(`no place was found where a block for ${host} counts`);
  return configError(winner, `this counts for ${host} before any block of ${pair.config.path}`);
}
