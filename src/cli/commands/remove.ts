import fs from 'node:fs';
import path from 'node:path';
import { textWithout } from '../../config-edit/insert-block.ts';
import { findRegions } from '../../config-edit/managed-blocks.ts';
import { HistoryStore } from '../../coordination/history-store.ts';
import { stateFolder } from '../../coordination/state-folder.ts';
import { fromBytes, toBytes } from '../../util/bytes.ts';
import { usageError } from '../../util/errors.ts';
import { oneLine } from '../../util/text.ts';
import { applyChanges } from '../config/apply-changes.ts';
import { SECRET_KINDS, secretName } from '../config/client-files.ts';
import { type EditableConfigs, readEditableConfigs, withChanges } from '../config/editable-configs.ts';
import { leftoverSecrets } from '../config/leftover-secrets.ts';
import { explain, type FileChange, readIfThere, sweep } from '../config/replace-file.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { checkAlias } from '../shared/host-options.ts';
import { DRY_RUN, FILE_OPTIONS, YES } from '../shared/option-tables.ts';

const OPTIONS = {
  ...FILE_OPTIONS,
  all: { type: 'flag', help: 'remove what knockproxy wrote for all hosts, and its history and backups' },
  yes: YES,
  'dry-run': DRY_RUN,
} as const satisfies OptionTable;

/** Restores the files byte for byte as they were before `add` or `import`. */
export const removeCommand = defineCommand({
  name: 'remove',
  help: 'remove what add or import wrote for a host; with --all, for every host, and the history and backups too',
  usage:
    'remove HOST | --all\n\nRemoves what add or import wrote for HOST, and deletes the files of keys and one-time sequences that were ' +
    'created for it. Before uninstalling knockproxy, run: knockproxy remove --all',
  operands: { host: { shown: '[HOST]', help: 'the name that was passed to add', completes: 'door' } },
  options: OPTIONS,
  run: remove,
});

type RemoveArgs = OptionValues<typeof OPTIONS> & { readonly host?: string };

async function remove({
  host,
  all = false,
  yes = false,
  dryRun = false,
  ...files
}: RemoveArgs): Promise<void> {
  if ((host === undefined) !== all) throw usageError('pass a host or --all');
  if (host !== undefined) checkAlias(host);
  const pair = readEditableConfigs(files);
  const changes = changesFor(pair, host);
  const after = withChanges(pair, changes);
  const folders = all ? stateFolders() : [];
  const notes = folders.map(
    (folder) => `${folder} will be deleted, with the history and the copies of old files`,
  );
  if (changes.length === 0 && folders.length === 0) {
    console.log(`nothing to remove${host === undefined ? '' : ` for ${host}`}`);
  } else {
    await applyChanges({ changes, notes }, { yes, dryRun, keepsCopies: !all });
  }
  if (!dryRun) for (const folder of folders) removeFolder(folder);
  if (all && !dryRun) for (const { path: file } of [pair.config, pair.knock]) sweep(file);
  for (const line of leftoverSecrets(after, host)) console.log(oneLine(line));
}

function removeFolder(folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    throw explain(folder, error);
  }
}

/** Changes ssh's config first: from then on ssh does not run knockproxy for the host. */
function changesFor(pair: EditableConfigs, host: string | undefined): FileChange[] {
  const name = host === undefined ? undefined : toBytes(host);
  const edited = (['config', 'knock'] as const).map((which): FileChange => {
    const { path, text } = pair[which];
    const after = text === undefined ? undefined : textWithout(text, path, name);
    return { path, before: text, after, isSecret: which === 'knock' };
  });
  const secrets = addedHosts(pair)
    .filter((added) => name === undefined || added === name)
    .flatMap((added) => secretFiles(fromBytes(added), withChanges(pair, edited)));
  return [...edited, ...secrets].filter(({ before, after }) => before !== after);
}

/** The files of one-time sequences and keys that were created for a host, except those that a line still names. */
function secretFiles(host: string, { config, knock }: EditableConfigs): FileChange[] {
  return SECRET_KINDS.map((kind) => secretName(host, { kind }))
    .filter((name) => ![config, knock].some(({ text = '' }) => namesFile(text, toBytes(name))))
    .map((name): FileChange => {
      const file = path.join(path.dirname(knock.path), name);
      return { path: file, before: readIfThere(file), after: undefined, isSecret: true };
    });
}

function namesFile(text: string, name: string): boolean {
  return text.split(/[\s"/=]/).includes(name);
}

function addedHosts({ knock }: EditableConfigs): string[] {
  return [...new Set(findRegions((knock.text ?? '').split('\n'), knock.path).map(({ host }) => host))];
}

/** Those that exist and belong to this user, whatever their mode. */
function stateFolders(): string[] {
  return [...new Set([new HistoryStore().runtimeFolder(), stateFolder()])].filter(isOwnFolder);
}

function isOwnFolder(folder: string): boolean {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (process.getuid === undefined || stat.uid === process.getuid());
}
