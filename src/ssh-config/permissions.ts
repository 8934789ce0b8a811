import { configError, type KnockproxyError } from '../util/errors.ts';
import { shellQuote } from '../util/text.ts';
import type { ConfigSystem, FileBytes } from './types.ts';

/**
 * ssh's check of a configuration file (readconf.c, SSHCONF_CHECKPERM) with Debian's exception for a group whose only
 * member is the owner. Does nothing on Windows, where libuv reports no modes or owners: ssh checks the access control
 * lists of its own files before it starts knockproxy.
 *
 * @returns the error to throw, if any.
 */
export function permissionError(
  file: string,
  bytes: FileBytes,
  system: ConfigSystem,
): KnockproxyError | undefined {
  if (process.platform === 'win32') return undefined;
  if (bytes.uid !== 0 && bytes.uid !== system.uid) {
    return configError(
      { file },
      `bad owner or permissions (owned by uid ${bytes.uid})`,
      `chown it to yourself`,
    );
  }
  const groupMayWrite = (bytes.mode & 0o020) !== 0;
  const isSafe = (bytes.mode & 0o002) === 0 && (!groupMayWrite || isPrivateGroup(bytes, system));
  if (isSafe) return undefined;
  const mode = (bytes.mode & 0o7777).toString(8).padStart(4, '0');
  return configError({ file }, `bad owner or permissions (mode ${mode})`, `chmod go-w ${shellQuote(file)}`);
}

/**
 * secure_permissions of Debian's user-group-modes.patch: this user is the only member of the group, as primary group or
 * by name. A group that is not in /etc/group comes from a directory service, which only ssh can enumerate: it has
 * checked the file before it started knockproxy.
 */
function isPrivateGroup(file: FileBytes, system: ConfigSystem): boolean {
  const groups = records(system, '/etc/group');
  const group = groups.find((fields) => Number(fields[2]) === file.gid);
  if (group === undefined) return groups.length > 0;
  const users = records(system, '/etc/passwd');
  const primary = users.filter((fields) => Number(fields[3]) === file.gid);
  const owner = users.find((fields) => Number(fields[2]) === file.uid)?.[0];
  const named = (group[3] ?? '').split(',').filter((name) => name !== '');
  return (
    owner !== undefined &&
    primary.every((fields) => Number(fields[2]) === system.uid) &&
    named.every((name) => name === owner) &&
    named.length <= 1 &&
    primary.length + named.length > 0
  );
}

/** The lines of a colon-separated database. */
export function records(system: ConfigSystem, path: string): string[][] {
  const file = system.read(path);
  if (typeof file === 'string') return [];
  return file.text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}
