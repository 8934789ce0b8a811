import path from 'node:path';
import { KnockproxyError, usageError } from '../errors.ts';
import { printable } from '../report.ts';
import { toBytes } from '../ssh-config/bytes.ts';
import { confirm } from './ask.ts';
import { type Bundle, folderSteps, renderSteps } from './bundle.ts';
import { carryOut } from './carry-out.ts';
import { type ClientSide, knockLines, secretName } from './client-side.ts';
import { type FileArgs, readPair } from './config-pair.ts';
import { sshLines } from './host-options.ts';
import { toJsonText } from './json.ts';
import { pathWord } from './one-time-copy.ts';
import { type FileChange, readIfThere } from './replace-file.ts';
import { type Plan, planSetUp } from './set-up-host.ts';
import { countExisting, type FolderFile, refuseShared, writeFolder } from './write-folder.ts';

export interface WriteOptions extends FileArgs {
  add?: boolean;
  portable?: boolean;
  yes?: boolean;
  force?: boolean;
  json?: boolean;
}

/**
 * Shows, asks and writes: the folder to copy from and, with `add`, the client's side on this machine. What can be
 * refused is refused before anything is written.
 *
 * @returns what to print: the steps that are left.
 */
export async function writeBundle(bundle: Bundle, folder: string, options: WriteOptions): Promise<string> {
  const { add = false, yes = false, force = false, json = false } = options;
  const steps = folderSteps(bundle, folder, add);
  const files = folderFiles(bundle, renderSteps(steps), add);
  refuseShared(folder);
  const overwritten = countExisting(folder, files, force);
  const plan = add ? await planClient(bundle, options) : undefined;
  const names = files.map(({ name }) => path.join(folder, name));
  if (!yes) await ask(names, overwritten);
  writeFolder(folder, files, force);
  if (plan !== undefined) await carryOut(plan, { yes });
  return json ? toJsonText({ written: names, steps }) : renderSteps(steps).trimEnd();
}

/** With `add` no copy of the client's secret lies about: a one-time file serves one client. */
function folderFiles({ files }: Bundle, steps: string, add: boolean): FolderFile[] {
  const wanted = files.filter(({ side }) => !add || side === 'server');
  const written = wanted.map(({ side, name, text }) => ({ name: `${side}/${name}`, text }));
  return [...written, { name: 'steps.txt', text: steps }];
}

/** As `add` does, with all that the door needs. */
async function planClient({ host = '', port, client }: Bundle, options: WriteOptions): Promise<Plan> {
  const { portable = false, force = false } = options;
  const pair = readPair(options);
  const file = client.secret && path.join(path.dirname(pair.knock.path), secretName(host, client.secret));
  const lines = sshLines({ portable, ...(port !== 22 && { port: String(port) }) }, pair);
  const door = knockLines(client, file === undefined ? '' : pathWord(file)).map(toBytes);
  const setUp = { host, knockLines: door, sshLines: lines, force };
  const { changes, notes } = planSetUp(setUp, pair, await import('ssh-config'));
  return { changes: [...planSecret(file, client, force), ...changes], notes };
}

/** A file of one-time sequences or keys, where the client's block says it is. */
function planSecret(file: string | undefined, { secret }: ClientSide, force: boolean): FileChange[] {
  if (secret === undefined || file === undefined) return [];
  const before = readIfThere(file);
  if (before !== undefined && !force)
    throw usageError(`${printable(file)} is there already`, '--force replaces it');
  return [{ path: file, before, after: secret.text, isSecret: true }];
}

async function ask(names: readonly string[], overwritten: number): Promise<void> {
  process.stderr.write(names.map((name) => `  ${printable(name)}\n`).join(''));
  const how = overwritten > 0 ? `, overwriting ${overwritten} of them` : '';
  if (!(await confirm(`Write these files${how}?`))) throw new KnockproxyError('nothing was written');
}
