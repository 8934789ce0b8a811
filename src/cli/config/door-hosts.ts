import { readSettings } from '../../config/settings.ts';
import type { Config } from '../../ssh-config/evaluate.ts';
import { ownHome } from '../../util/own-home.ts';
import { candidateHosts, spelledOutNames } from './door-lines.ts';
import { type FileArgs, loadPair, readEditableConfigs, settingsFor } from './editable-configs.ts';

/** Which hosts: those with a door, with a close sequence, or without a door. */
export type HostKind = 'door' | 'close' | 'new-host';

/** Others would have to be quoted, and a shell would act on some. */
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_.:%+-]*$/u;

/** The names in Host lines that begin with `prefix`, sorted. Runs no command of Match exec. */
export function findHosts(kind: HostKind, prefix: string, files: FileArgs): string[] {
  const config = loadPair(readEditableConfigs(withHome(files)));
  const all = kind === 'new-host' ? spelledOutNames(config) : candidateHosts(config);
  const typed = [...new Set(all)].filter((name) => name.startsWith(prefix) && PLAIN.test(name));
  return typed.filter((host) => isOfKind(config, host, kind)).sort();
}

function isOfKind(config: Config, host: string, kind: HostKind): boolean {
  const settings = settingsFor(config, host);
  if (kind === 'close') return settings.has('close');
  return hasDoor(settings) === (kind === 'door');
}

/** A door whose lines are invalid is one. */
function hasDoor(settings: ReturnType<typeof settingsFor>): boolean {
  if (!settings.has('door')) return false;
  try {
    return readSettings(settings).door !== undefined;
  } catch {
    return true;
  }
}

/** A shell expands the tilde only when it runs the line. */
function withHome(files: FileArgs): FileArgs {
  const expanded = Object.entries(files).map(([name, file]) => [
    name,
    file?.replace(/^~(?=\/)/, () => ownHome()),
  ]);
  return Object.fromEntries(expanded);
}
