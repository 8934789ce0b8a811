import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { showChanges } from '../../config-edit/show-changes.ts';
import { stateFolder } from '../../coordination/state-folder.ts';
import { realSystem } from '../../ssh-config/system.ts';
import { fromBytes } from '../../util/bytes.ts';
import { configError, KnockproxyError } from '../../util/errors.ts';
import { makePrivateFolder } from '../../util/private-files.ts';
import { oneLine } from '../../util/text.ts';
import type { Plan } from './plan-setup.ts';
import { confirm } from './prompt.ts';
import { explain, type FileChange, followLinks, replaceFile, sweep } from './replace-file.ts';

interface ApplyOptions {
  /** Do not ask. */
  readonly yes: boolean;
  /** Only show the changes. */
  readonly dryRun?: boolean | undefined;
  /** Default: true. */
  readonly keepsCopies?: boolean;
}

/**
 * Shows the changes, asks, and makes them: copies each file to the state folder, unless `keepsCopies` is false, and replaces
 * it atomically.
 *
 * @returns whether they were made.
 * @throws KnockproxyError if the answer is no, or a file cannot be written; the files before it stay changed.
 */
export async function applyChanges(
  plan: Plan,
  { yes, dryRun = false, keepsCopies = true }: ApplyOptions,
): Promise<boolean> {
  showPlan(plan);
  if (dryRun) {
    console.log(NOTHING_WRITTEN);
    return false;
  }
  if (!yes && !(await confirm('Write this?'))) throw new KnockproxyError('nothing was changed');
  writePlan(plan, keepsCopies);
  return true;
}

/** What --dry-run ends with. */
export const NOTHING_WRITTEN = 'dry run: nothing was written';

export function showPlan({ changes, notes }: Plan): void {
  for (const change of changes) console.log(describe(change).join('\n'));
  for (const note of notes) console.log(`note: ${visible(note)}`);
}

/** @throws KnockproxyError where a file cannot be written; those before it are written then. */
export function writePlan({ changes }: Plan, keepsCopies = true): void {
  for (const change of changes) {
    makeFolder(path.dirname(change.path));
    sweep(change.path);
    const copy = keepsCopies ? backUp(change) : undefined;
    replaceFile(change);
    if (copy !== undefined) console.log(oneLine(`${change.path}: the old version is kept as ${copy}`));
  }
}

function describe({ path, before, after, isSecret, copiedFrom }: FileChange): string[] {
  const from = copiedFrom === undefined ? '' : `, copied from ${copiedFrom}`;
  const what = before === undefined ? ` (new${from})` : after === undefined ? ' (deleted)' : from;
  const lines = showChanges(before ?? '', after ?? '', isSecret);
  return [oneLine(`${path}${what}`), ...lines.map((line) => `  ${visible(fromBytes(line))}`)];
}

/** Escapes control characters, so that no escape sequence of a file reaches the terminal. */
function visible(text: string): string {
  return oneLine(text.replaceAll('\t', '  '));
}

/** Gives ~/.ssh, also behind a link, mode 0700. Another folder is created if necessary, but not changed. */
function makeFolder(folder: string): void {
  const real = followLinks(folder);
  const isSshFolder = folder === path.join(realSystem().home, '.ssh');
  if (isSshFolder ? closeToOthers(real) : fs.existsSync(real)) return;
  if (!makePrivateFolder(real))
    throw configError({ file: folder }, 'cannot create this directory, or it belongs to another user');
}

/** @returns whether the folder exists and belongs to this user. A file system without modes ignores the change. */
function closeToOthers(folder: string): boolean {
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || (process.platform !== 'win32' && stat.uid !== process.getuid!())) return false;
  if ((stat.mode & 0o077) !== 0) fs.chmodSync(folder, 0o700);
  return true;
}

/** Per file. */
const KEPT_COPIES = 3;

/** Copies are kept in the state folder: next to the file, an Include pattern might match them. */
function backUp({ path: file, before }: FileChange): string | undefined {
  if (before === undefined) return undefined;
  const folder = backupFolder();
  if (!makePrivateFolder(stateFolder()) || !makePrivateFolder(folder)) {
    throw configError(
      { file: folder },
      'cannot use this directory for a copy of the old file: it is not private',
    );
  }
  const id = crypto.createHash('sha256').update(file).digest('hex').slice(0, 12);
  const prefix = `${path.basename(file)}.${id}.`;
  const copy = path.join(folder, `${prefix}${new Date().toISOString().replaceAll(':', '')}`);
  try {
    fs.writeFileSync(copy, Buffer.from(before, 'latin1'), { mode: 0o600, flag: 'wx' });
    const all = fs.readdirSync(folder).filter((name) => name.startsWith(prefix));
    for (const old of all.sort().slice(0, -KEPT_COPIES)) fs.rmSync(path.join(folder, old));
  } catch (error) {
    throw explain(copy, error);
  }
  return copy;
}

export function backupFolder(): string {
  return path.join(stateFolder(), 'backups');
}
