import type { ImportedDoor } from '../../import/imported-door.ts';
import { type Recognized, readImport } from '../../import/read-import.ts';
import { configError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { choosePort } from '../config/choose-port.ts';
import { describeImported, toImportJson } from '../config/describe-imported.ts';
import { readEditableConfigs } from '../config/editable-configs.ts';
import { linesOf } from '../config/imported-lines.ts';
import { explain, readIfThere } from '../config/replace-file.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { checkAlias, sshLines } from '../shared/host-options.ts';
import { toJsonText } from '../shared/json.ts';
import { SET_UP_OPTIONS } from '../shared/option-tables.ts';
import { splitTypedHost } from '../shared/typed-host.ts';
import { setUp } from './add.ts';

const OPTIONS = {
  ...SET_UP_OPTIONS,
  host: {
    type: 'text',
    value: 'HOST',
    completes: 'new-host',
    help: 'set up the door for HOST, the name as you will type it to ssh',
  },
  door: { type: 'text', value: 'NAME', help: 'select the door NAME if the file contains several' },
  'one-time': {
    type: 'text',
    value: 'FILE',
    completes: 'file',
    help: "copy the one-time sequences from FILE, a copy of the server's file",
  },
  'spa-allow': {
    type: 'text',
    value: 'ADDRESS|URL',
    help: 'with access.conf: let in only ADDRESS, or the address that URL returns',
  },
  json: { type: 'flag', conflicts: ['host'], help: 'print the doors of the file as JSON' },
} as const satisfies OptionTable;

type ImportArgs = OptionValues<typeof OPTIONS> & { readonly file: string };

/** The client's side of a door that already exists. */
export const importCommand = defineCommand({
  name: 'import',
  help: "set up a host from its server's configuration, or from another client's",
  usage:
    'import FILE [--host HOST] [--door NAME]\n\n' +
    "Without --host, lists the doors in the file. Reads knockd.conf, fwknopd's access.conf, a RouterOS\n" +
    'export, nftables and iptables rulesets (the recent match), a Knock on Ports export, and\n' +
    'scripts that run knock or nmap; the format is recognized from the content.',
  operands: { file: { shown: 'FILE', help: 'a file of the server or of another client', completes: 'file' } },
  options: OPTIONS,
  run: importDoor,
});

async function importDoor(given: ImportArgs): Promise<void> {
  const args = { ...given, ...(given.host !== undefined && splitTypedHost({ ...given, host: given.host })) };
  const { host, force = false } = args;
  const found = readImport(readText(args.file), args.file);
  if (host === undefined) return show(found, args.json ?? false);
  checkAlias(host);
  const chosen = choose(found, args);
  const pair = readEditableConfigs(args);
  const { port, note } = choosePort(chosen, { ...args, host }, pair);
  const request = {
    host,
    force,
    ...linesOf(chosen, { ...args, host }, pair),
    sshLines: sshLines({ ...args, ...(port !== undefined && { port }) }, pair),
    notes: [
      `${args.file} was read as ${found.format}`,
      ...found.notes,
      ...chosen.notes,
      ...(note === undefined ? [] : [note]),
    ],
  };
  await setUp(request, pair, args);
}

function readText(file: string): string {
  try {
    const text = readIfThere(file);
    if (text !== undefined) return text;
  } catch (error) {
    throw explain(file, error);
  }
  throw configError({ file }, 'no such file');
}

/** Describes the doors for the user to choose from. */
function show(found: Recognized, json: boolean): void {
  console.log(json ? toJsonText(found.doors.map(toImportJson)) : describeImported(found).join('\n'));
}

function choose({ doors }: Recognized, { file, door }: ImportArgs): ImportedDoor {
  const meant = door === undefined ? doors : doors.filter(({ name }) => name === door);
  const names = doors.map(({ name }) => printable(name)).join(', ');
  if (doors.length === 0) throw configError({ file }, 'nothing in it opens a door');
  if (meant.length === 0) throw usageError(`there is no door '${printable(door!)}'`, `doors: ${names}`);
  if (meant.length > 1)
    throw usageError('there are several doors: select one with --door', `doors: ${names}`);
  const [chosen] = meant as [ImportedDoor];
  if (chosen.problems.length === 0) return chosen;
  throw configError({ file, line: chosen.line }, 'knockproxy cannot open this door', ...chosen.problems);
}
