import type { ImportedDoor } from '../../import/imported-door.ts';
import type { Recognized } from '../../import/read-import.ts';
import { configError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { type ConfiguredDoor, readConfigured } from './configured-door.ts';

/** Which of the doors in a file are meant. */
interface Meant {
  readonly file: string;
  /** None: every door, under its own name. */
  readonly host?: string | undefined;
  readonly door?: string | undefined;
}

/** @throws KnockproxyError where it is not clear which, or the door cannot be opened. */
export function selectDoors(found: Recognized, meant: Meant): { host: string; door: ImportedDoor }[] {
  const { host } = meant;
  return host === undefined ? everyHost(found, meant) : [{ host, door: choose(found, meant) }];
}

/** Without --door, a door that has the name of the host is meant. */
function choose({ doors }: Recognized, { file, door, host }: Meant): ImportedDoor {
  const sameName = doors.filter(({ name, secret }) => secret.kind === 'configured' && name === host);
  const meant =
    door !== undefined ? doors.filter(({ name }) => name === door) : sameName.length > 0 ? sameName : doors;
  const names = doors.map(({ name }) => printable(name)).join(', ');
  if (doors.length === 0) throw configError({ file }, 'nothing in it opens a door');
  if (meant.length === 0) throw usageError(`there is no door '${printable(door!)}'`, `doors: ${names}`);
  if (meant.length > 1)
    throw usageError('there are several doors: select one with --door', `doors: ${names}`);
  const [chosen] = meant as [ImportedDoor];
  if (chosen.problems.length === 0) return chosen;
  throw configError({ file, line: chosen.line }, 'knockproxy cannot open this door', ...chosen.problems);
}

export function configured({ secret }: ImportedDoor, file: string): ConfiguredDoor | undefined {
  return secret.kind === 'configured' ? readConfigured(secret.settings, file) : undefined;
}

function everyHost({ doors, format }: Recognized, { file }: Meant): { host: string; door: ImportedDoor }[] {
  if (doors.length === 0) throw configError({ file }, 'nothing in it opens a door');
  if (doors.some(({ secret }) => secret.kind !== 'configured')) {
    throw usageError(
      `--all does not apply to ${format}, which names no hosts`,
      'select one with --host and --door',
    );
  }
  return doors.map((door) => ({ host: door.name, door }));
}

interface ReferenceOptions {
  readonly file: string;
  readonly yes?: boolean | undefined;
  readonly allowReferences?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

/**
 * A file from someone else may name any command, and any file or URL of which the contents then go to its server: commands
 * are never taken unasked, and the others only after the question that shows them.
 */
export function refuseReferences(door: ImportedDoor, args: ReferenceOptions): void {
  const { file, yes = false, allowReferences = false, dryRun = false } = args;
  const { commands = [], references = [] } = configured(door, file) ?? {};
  const [first] = [...commands, ...(yes && !dryRun ? references : [])];
  if (first === undefined || allowReferences) return;
  const what = commands.length > 0 ? 'each login would run this program' : 'each login would use this';
  throw configError(
    { file, line: first.line },
    `${what}: ${first.text}`,
    'if you trust this file, pass --allow-references',
  );
}
