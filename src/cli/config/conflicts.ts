import { isNone } from '../../config/read-values.ts';
import { splitSetting } from '../../config-edit/config-lines.ts';
import { ownLines } from '../../config-edit/insertion-point.ts';
import { showCommand } from '../../config-edit/show-changes.ts';
import { wantsFinal } from '../../ssh-config/match-criteria.ts';
import { toBytes } from '../../util/bytes.ts';
import { configError, describePlace, usageError } from '../../util/errors.ts';
import { type EditableConfigs, loadPair, settingsFor } from './editable-configs.ts';

const FORCE = '--force overrides it';

/** @throws KnockproxyError if lines that knockproxy did not add give the host a door. */
export function refuseOtherDoor(host: string, pair: EditableConfigs): void {
  const door = settingsFor(loadPair(pair), host).get('door');
  if (door === undefined || isNone(door)) return;
  throw configError(door, `${host} already has a different door`, FORCE);
}

/** @throws KnockproxyError if the host's own block has other values. A ProxyCommand is overridden, and restored by `remove`. */
export function refuseOtherValues(host: string, lines: readonly string[], { config }: EditableConfigs): void {
  const wanted = new Map(lines.map(splitSetting));
  for (const { keyword, value, number } of ownLines((config.text ?? '').split('\n'), toBytes(host))) {
    const other = wanted.get(keyword);
    if (other === undefined || other === value || keyword === 'proxycommand') continue;
    throw configError(
      { file: config.path, line: number },
      `${host} already has a different ${keyword}`,
      FORCE,
    );
  }
}

export function addedBefore(host: string, file: string) {
  return configError({ file }, `${host} was added before with other settings`, FORCE);
}

/** Notes for the user before a block for the host is added. */
export function notesFor(host: string, pair: EditableConfigs): string[] {
  const { ssh, system } = loadPair(pair);
  const hasSecondPass =
    wantsFinal(ssh, system) || /^[ \t]*CanonicalizeHostname/im.test(pair.config.text ?? '');
  return [
    ...displaced(host, pair),
    ...(hasSecondPass
      ? [`Match final or CanonicalizeHostname: names that resolve to ${host} get this block too`]
      : []),
  ];
}

/** How ssh connects to the host now, if not directly. */
function displaced(host: string, pair: EditableConfigs): string[] {
  const proxy = settingsFor(loadPair(pair), host).get('proxy');
  if (proxy === undefined || isNone(proxy)) return [];
  const isJump = proxy.keyword === 'proxyjump';
  return [
    `ssh now connects to ${host} by ${isJump ? `ProxyJump ${proxy.raw}` : `ProxyCommand ${showCommand(proxy.raw)}`} ` +
      `(${describePlace(proxy)}); 'knockproxy remove ${host}' restores that`,
    ...(isJump ? ["if the door lets in only the jump host, add '--via JUMPHOST': it knocks from there"] : []),
  ];
}

/** The error that names the line that takes precedence over the whole file. */
export function noWay(host: string, pair: EditableConfigs, lines: readonly string[]) {
  const settings = settingsFor(loadPair(pair), host);
  const keywords = lines.map((line) => splitSetting(line)[0]);
  const winner =
    [...settings.values()].find(({ keyword }) => keywords.includes(keyword)) ?? settings.get('proxy');
  if (winner === undefined)
    return usageError(`a block for ${host} would have no effect anywhere in the file`);
  return configError(winner, `this line takes precedence for ${host} over any block in ${pair.config.path}`);
}
