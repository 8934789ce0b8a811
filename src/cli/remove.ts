import fs from 'node:fs';
import type { Argv, CommandModule } from 'yargs';
import { textWithout } from '../config-edit/add-block.ts';
import { findRegions } from '../config-edit/marks.ts';
import { usageError } from '../errors.ts';
import { State, stateFolder } from '../opener/state.ts';
import { isPrivateFolder } from '../private-folder.ts';
import { fromBytes, toBytes } from '../ssh-config/bytes.ts';
import { oneLine } from '../text.ts';
import { carryOut } from './carry-out.ts';
import { type ConfigPair, type FileArgs, fileOptions, readPair } from './config-pair.ts';
import { checkAlias } from './host-options.ts';
import { oneTimePath } from './one-time-copy.ts';
import { remains } from './remains.ts';
import { type FileChange, readIfThere } from './replace-file.ts';

interface RemoveArgs extends FileArgs {
  host?: string;
  all?: boolean;
  yes?: boolean;
}

/** `knockproxy remove`: takes out what `add` and `import` put in, to the byte. */
export function removeCommand(): CommandModule<object, RemoveArgs> {
  return {
    command: 'remove [host]',
    describe: 'take out what add or import set up for a host; --all: everything, and what was learned',
    builder: (yargs) =>
      fileOptions(yargs)
        .usage('$0 remove HOST | --all\n\nBefore uninstalling knockproxy: knockproxy remove --all')
        .positional('host', { type: 'string', describe: 'name, as given to add' })
        .option('all', { type: 'boolean', describe: 'every host, and the state folder' })
        .option('yes', {
          alias: 'y',
          type: 'boolean',
          describe: 'do not ask',
        }) as unknown as Argv<RemoveArgs>,
    handler: remove,
  };
}

async function remove({ host, all = false, yes = false, ...files }: RemoveArgs): Promise<void> {
  if ((host === undefined) !== all) throw usageError('name one host, or give --all');
  if (host !== undefined) checkAlias(host);
  const pair = readPair(files);
  const changes = changesFor(pair, host);
  const after = {
    ...pair,
    config: withText(pair, changes, 'config'),
    knock: withText(pair, changes, 'knock'),
  };
  const folders = all ? stateFolders() : [];
  const notes = folders.map(
    (folder) => `${folder} is deleted, with what was learned and the copies of old files`,
  );
  if (changes.length === 0 && folders.length === 0) {
    console.log(`nothing to take out${host === undefined ? '' : ` for ${host}`}`);
  } else {
    await carryOut({ changes, notes }, { yes });
  }
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  for (const line of remains(after, host)) console.log(oneLine(line));
}

/** First ssh's config: from then on ssh does not run us for the host. */
function changesFor(pair: ConfigPair, host: string | undefined): FileChange[] {
  const name = host === undefined ? undefined : toBytes(host);
  const edited = (['config', 'knock'] as const).map((which): FileChange => {
    const { path, text } = pair[which];
    const after = text === undefined ? undefined : textWithout(text, path, name);
    return { path, before: text, after, isSecret: which === 'knock' };
  });
  const copies = addedHosts(pair)
    .filter((added) => name === undefined || added === name)
    .map((added): FileChange => {
      const path = oneTimePath(fromBytes(added), pair);
      return { path, before: readIfThere(path), after: undefined, isSecret: true };
    });
  return [...edited, ...copies].filter(({ before, after }) => before !== after);
}

function addedHosts({ knock }: ConfigPair): string[] {
  return [...new Set(findRegions((knock.text ?? '').split('\n'), knock.path).map(({ host }) => host))];
}

function withText(pair: ConfigPair, changes: readonly FileChange[], which: 'config' | 'knock') {
  const change = changes.find(({ path }) => path === pair[which].path);
  return change ? { ...pair[which], text: change.after } : pair[which];
}

function stateFolders(): string[] {
  const folder = stateFolder();
  if (!isPrivateFolder(folder)) return [];
  return [...new Set([new State().runtimeFolder(), folder])].filter((each) => isPrivateFolder(each));
}
