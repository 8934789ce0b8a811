import type { ImportedDoor } from '../../import/imported-door.ts';
import { type Recognized, readImport } from '../../import/read-import.ts';
import { configError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { choosePort } from '../config/choose-port.ts';
import { describeConfigured } from '../config/configured-door.ts';
import { describeImported, toImportJson } from '../config/describe-imported.ts';
import { type EditableConfigs, readEditableConfigs } from '../config/editable-configs.ts';
import { linesOf } from '../config/imported-lines.ts';
import { askLeftOut } from '../config/left-out-sequence.ts';
import type { SetUp } from '../config/plan-setup.ts';
import { explain, readIfThere } from '../config/replace-file.ts';
import { configured, refuseReferences, selectDoors } from '../config/select-doors.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { checkAlias, sshLines } from '../shared/host-options.ts';
import { toJsonText } from '../shared/json.ts';
import { SET_UP_OPTIONS } from '../shared/option-tables.ts';
import { splitTypedHost } from '../shared/typed-host.ts';
import { setUpAll } from './add.ts';

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
  all: {
    type: 'flag',
    conflicts: ['host', 'door', 'hostname', 'port', 'user', 'one-time', 'spa-allow', 'json'],
    help: 'with a file written by list --export: set up all hosts in it, under their own names',
  },
  'allow-references': {
    type: 'flag',
    help: 'with a file written by list --export: accept programs that logins would run; with --yes, also files, stanzas, URLs and bastions',
  },
  json: { type: 'flag', conflicts: ['host'], help: 'print the doors of the file as JSON' },
} as const satisfies OptionTable;

type ImportArgs = OptionValues<typeof OPTIONS> & { readonly file: string };

/** The client's side of a door that already exists. */
export const importCommand = defineCommand({
  name: 'import',
  help: "set up a host from its server's configuration, or from another client's",
  usage:
    'import FILE [--host HOST [--door NAME] | --all]\n\n' +
    "Without --host or --all, lists the doors in the file. Reads knockd.conf, fwknopd's access.conf, a\n" +
    'RouterOS export, nftables and iptables rulesets (the recent match), a Knock on Ports export, scripts that run\n' +
    'knock or nmap, and what knockproxy list --export prints; the format is recognized from the content.',
  operands: { file: { shown: 'FILE', help: 'a file of the server or of another client', completes: 'file' } },
  options: OPTIONS,
  run: importDoor,
});

async function importDoor(given: ImportArgs): Promise<void> {
  const args = { ...given, ...(given.host !== undefined && splitTypedHost({ ...given, host: given.host })) };
  const { host, file, all = false } = args;
  const read = readImport(readText(file), file);
  const found = { ...read, doors: read.doors.map((door) => describeConfigured(door, file)) };
  if (host === undefined && !all) return show(found, args.json ?? false);
  if (host !== undefined) checkAlias(host);
  const targets = selectDoors(found, { ...args, host });
  for (const { door } of targets) refuseReferences(door, args);
  const leftOut = await askLeftOut(
    targets.flatMap(({ host: name, door }) => {
      const line = configured(door, file)?.asksAt;
      return line === undefined ? [] : [{ host: name, line }];
    }),
    { file, dryRun: args.dryRun ?? false },
  );
  const hosts = targets.map(({ host: name, door }) => ({
    host: name,
    request: (pair: EditableConfigs) =>
      toRequest(door, { ...args, host: name }, found, pair, leftOut.get(name)),
  }));
  await setUpAll(hosts, readEditableConfigs(args), args);
}

function toRequest(
  door: ImportedDoor,
  args: ImportArgs & { readonly host: string },
  found: Recognized,
  pair: EditableConfigs,
  asked: string | undefined,
): SetUp {
  const { host, file, force = false } = args;
  const goes = configured(door, file)?.goes;
  const { port, note } = choosePort(door, args, pair);
  // A file without HostName means the name itself.
  const hostname = args.hostname ?? (goes && (goes.hostname ?? (host === door.name ? undefined : door.name)));
  const user = args.user ?? goes?.user;
  const { knockLines, extra } = linesOf(door, args, pair);
  return {
    host,
    force,
    knockLines: [...(asked === undefined ? [] : [asked]), ...knockLines],
    ...(extra && { extra }),
    sshLines: sshLines(
      {
        ...args,
        ...(port !== undefined && { port }),
        ...(hostname !== undefined && { hostname }),
        ...(user !== undefined && { user }),
      },
      pair,
    ),
    notes: [
      `${file} was read as ${found.format}`,
      ...found.notes,
      ...door.notes.map((text) => (goes === undefined ? text : `${printable(host)}: ${text}`)),
      ...(note === undefined ? [] : [note]),
    ],
  };
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
