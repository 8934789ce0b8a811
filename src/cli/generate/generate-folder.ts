import path from 'node:path';
import { toBytes } from '../../util/bytes.ts';
import { KnockproxyError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { applyChanges, NOTHING_WRITTEN, showPlan } from '../config/apply-changes.ts';
import { type ClientSide, knockLines, secretName } from '../config/client-files.ts';
import { type FileArgs, readEditableConfigs } from '../config/editable-configs.ts';
import { pathWord } from '../config/one-time-copy.ts';
import { type Plan, planSetup, withNote } from '../config/plan-setup.ts';
import { confirm } from '../config/prompt.ts';
import { upgradeNote } from '../config/proxy-command.ts';
import { type FileChange, readIfThere } from '../config/replace-file.ts';
import { sshLines } from '../shared/host-options.ts';
import { toJsonText } from '../shared/json.ts';
import { type DoorFiles, folderSteps, renderSteps } from './door-files.ts';
import { countExisting, type FolderFile, refuseShared, writeFolder } from './write-folder.ts';

export interface WriteOptions extends FileArgs {
  add?: boolean;
  portable?: boolean;
  yes?: boolean;
  dryRun?: boolean;
  force?: boolean;
  json?: boolean;
  /** Whether ssh's config is left as it is. */
  isRotation?: boolean;
}

/**
 * Shows the files, asks, and writes the folder and, with `add`, the client's files of this machine. All checks come before
 * the first write.
 *
 * @returns the remaining steps, to print.
 */
export async function writeBundle(bundle: DoorFiles, folder: string, options: WriteOptions): Promise<string> {
  const { add = false, yes = false, dryRun = false, force = false, json = false } = options;
  const steps = folderSteps(bundle, folder, add);
  const files = folderFiles(bundle, renderSteps(steps), add);
  refuseShared(folder);
  const overwritten = countExisting(folder, files, force);
  const plan = add ? await planClient(bundle, options) : undefined;
  const names = files.map(({ name }) => path.join(folder, name));
  if (dryRun) return wouldWrite(names, plan);
  if (!yes) await ask(names, overwritten);
  writeFolder(folder, files, force);
  if (plan !== undefined) await applyChanges(plan, { yes });
  return json ? toJsonText({ written: names, steps }) : renderSteps(steps).trimEnd();
}

/** With `add` the folder gets no copy of the client's secret: a one-time file must have only one client. */
export function folderFiles({ files }: DoorFiles, steps: string, add: boolean): FolderFile[] {
  const wanted = files.filter(({ side }) => !add || side === 'server');
  const written = wanted.map(({ side, name, text }) => ({ name: `${side}/${name}`, text }));
  return [...written, { name: 'steps.txt', text: steps }];
}

/** Sets up this machine like `add`. */
export async function planClient(
  { host = '', port, user, client }: DoorFiles,
  options: WriteOptions,
): Promise<Plan> {
  const { portable = false, force = false } = options;
  const pair = readEditableConfigs(options);
  const file = client.secret && path.join(path.dirname(pair.knock.path), secretName(host, client.secret));
  const to = { ...(port !== 22 && { port: String(port) }), ...(user !== undefined && { user }) };
  const lines = options.isRotation ? [] : sshLines({ portable, ...to }, pair);
  const door = knockLines(client, file === undefined ? '' : pathWord(file)).map(toBytes);
  const setUp = { host, knockLines: door, sshLines: lines, force };
  const { changes, notes } = planSetup(setUp, pair, await import('ssh-config'));
  const planned = { changes: [...planSecret(file, client, force), ...changes], notes };
  return withNote(planned, options.isRotation ? undefined : upgradeNote(portable));
}

/** The file of one-time sequences or keys that the client's block names. */
function planSecret(file: string | undefined, { secret }: ClientSide, force: boolean): FileChange[] {
  if (secret === undefined || file === undefined) return [];
  const before = readIfThere(file);
  if (before !== undefined && !force)
    throw usageError(`${printable(file)} already exists`, '--force replaces it');
  return [{ path: file, before, after: secret.text, isSecret: true }];
}

function wouldWrite(names: readonly string[], plan: Plan | undefined): string {
  const files = names.map((name) => `${printable(name)} (new)`);
  console.log(files.join('\n'));
  if (plan !== undefined) showPlan(plan);
  return NOTHING_WRITTEN;
}

async function ask(names: readonly string[], overwritten: number): Promise<void> {
  process.stderr.write(names.map((name) => `  ${printable(name)}\n`).join(''));
  const how = overwritten > 0 ? `, overwriting ${overwritten} of them` : '';
  if (!(await confirm(`Write these files${how}?`))) throw new KnockproxyError('nothing was written');
}
