import fs from 'node:fs';
import path from 'node:path';
import { describePlace } from '../../util/errors.ts';
import { toKnockproxyError } from '../../util/log.ts';
import { backupFolder } from './apply-changes.ts';
import { SECRET_KINDS, secretName } from './client-files.ts';
import { doorLines } from './door-lines.ts';
import { type EditableConfigs, loadPair } from './editable-configs.ts';

/**
 * Lists where a removed sequence remains: in lines that knockproxy did not add, in copies, in the history of a repository,
 * and on the server.
 *
 * @param host undefined: every host was removed.
 */
export function leftoverSecrets(pair: EditableConfigs, host?: string): string[] {
  const copies = fs.existsSync(backupFolder()) ? fs.readdirSync(backupFolder()) : [];
  return [
    ...writtenByHand(pair, host),
    ...secretFiles(pair, host).map((file) => `${file} remains: it contains keys or one-time sequences`),
    ...(copies.length > 0
      ? [`copies of old files remain in ${backupFolder()}: 'knockproxy remove --all' deletes them`]
      : []),
    ...[pair.config.path, pair.knock.path]
      .filter(isInRepository)
      .map((file) => `${file} is in a git repository: its history may contain a sequence`),
    ...(host === undefined ? ['the servers still have their sequences, in knockd.conf or a firewall'] : []),
  ];
}

/** Files of hosts that were configured manually, or that a line still names. */
function secretFiles({ knock }: EditableConfigs, host: string | undefined): string[] {
  const folder = path.dirname(knock.path);
  const prefixes = SECRET_KINDS.map((kind) => secretName(host ?? '', { kind }));
  const isMeant = (name: string) =>
    prefixes.some((prefix) => (host === undefined ? name.startsWith(prefix) : name === prefix));
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter(isMeant)
    .map((name) => path.join(folder, name));
}

function writtenByHand(pair: EditableConfigs, host: string | undefined): string[] {
  try {
    return doorLines(loadPair(pair))
      .filter(({ names }) => host === undefined || names.includes(host))
      .map(
        (door) =>
          `${describePlace(door)} still has a door for ${door.names.join(' ')}: knockproxy did not add it`,
      );
  } catch (error) {
    return [`could not look for other doors: ${toKnockproxyError(error).message}`];
  }
}

function isInRepository(file: string): boolean {
  try {
    let folder = path.dirname(fs.realpathSync(file));
    while (!fs.existsSync(path.join(folder, '.git'))) {
      if (path.dirname(folder) === folder) return false;
      folder = path.dirname(folder);
    }
    return true;
  } catch {
    return false;
  }
}
