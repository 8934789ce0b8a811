import { type DoorPair, pairDoors } from '../../knockd/pair-doors.ts';
import { readKnockdConf } from '../../knockd/read-knockd-conf.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import { configError, usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { choosePort } from '../config/choose-port.ts';
import { type EditableConfigs, readEditableConfigs } from '../config/editable-configs.ts';
import { copyOneTime, type OneTimeOrigin, oneTimeLine } from '../config/one-time-copy.ts';
import { explain, readIfThere } from '../config/replace-file.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { checkAlias, sshLines } from '../shared/host-options.ts';
import { toJsonText } from '../shared/json.ts';
import { SET_UP_OPTIONS } from '../shared/option-tables.ts';
import { setUp } from './add.ts';

const OPTIONS = {
  ...SET_UP_OPTIONS,
  host: {
    type: 'text',
    value: 'HOST',
    completes: 'new-host',
    help: 'set up the door under HOST, the name as you will type it to ssh',
  },
  door: { type: 'text', value: 'NAME', help: 'take the door of section NAME, if several sections open one' },
  'one-time': {
    type: 'text',
    value: 'FILE',
    completes: 'file',
    help: "copy the one-time sequences from FILE, the server's file of them",
  },
  json: { type: 'flag', conflicts: ['host'], help: 'print the doors of the file as JSON' },
} as const satisfies OptionTable;

type ImportArgs = OptionValues<typeof OPTIONS> & { readonly file: string };

/** The client's side of a server's door. */
export const importCommand = defineCommand({
  name: 'import',
  help: "set up a host from its server's knockd.conf",
  usage: 'import FILE [--host HOST] [--door NAME]\n\nWithout --host, lists the doors in the file.',
  operands: { file: { shown: 'FILE', help: "the server's knockd.conf", completes: 'file' } },
  options: OPTIONS,
  run: importDoor,
});

async function importDoor(args: ImportArgs): Promise<void> {
  const { host, force = false } = args;
  const { doors, foreign } = readKnockdConf(readText(args.file), args.file);
  const { pairs } = pairDoors(doors);
  const fileNotes = foreign.map(
    ({ name, line }) => `${args.file} line ${line}: knockd 0.8 has no option ${name}`,
  );
  if (host === undefined) return show(pairs, fileNotes, args.json ?? false);
  checkAlias(host);
  const chosen = choose(pairs, args);
  const pair = readEditableConfigs(args);
  const { port, note } = choosePort(chosen, { ...args, host }, pair);
  const isOneTime = chosen.open.oneTimeFile !== undefined;
  const request = {
    host,
    force,
    knockLines: knockLines(chosen, host, pair),
    sshLines: sshLines({ ...args, ...(port !== undefined && { port }) }, pair),
    notes: [...fileNotes, ...chosen.notes, ...(note === undefined ? [] : [note])],
    ...(isOneTime && { extra: copyOneTime(host, oneTimeOrigin(args, chosen), pair, force) }),
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
function show(pairs: readonly DoorPair[], fileNotes: readonly string[], json: boolean): void {
  const doors = pairs.map(({ open, close, ports, problems, notes }) => ({
    door: open.name,
    kind: open.oneTimeFile === undefined ? 'sequence' : 'one-time',
    steps: open.oneTimeFile === undefined ? open.steps.length : null,
    ports,
    seconds: open.seqTimeoutS,
    closedBy: close?.name ?? null,
    problems,
    notes,
  }));
  if (json) {
    console.log(toJsonText(doors));
    return;
  }
  for (const note of fileNotes) console.log(`note: ${printable(note)}`);
  if (doors.length === 0) console.log('no section of this file opens a door');
  for (const { door, kind, steps, ports, closedBy, problems, notes } of doors) {
    const facts = [
      steps === null ? kind : `${kind}, ${steps} steps`,
      ...(ports.length > 0 ? [`opens ${ports.join(' ')}`] : []),
      ...(closedBy === null ? [] : [`closed by ${printable(closedBy)}`]),
    ];
    const more = [...problems, ...notes.map((note) => `note: ${note}`)];
    console.log([`${printable(door)}: ${facts.join('; ')}`, ...more.map(printable)].join('\n  '));
  }
  if (doors.length > 0) console.log('to set one up, pass --host HOST (and --door NAME if there are several)');
}

function choose(pairs: readonly DoorPair[], { file, door }: ImportArgs): DoorPair {
  const meant = door === undefined ? pairs : pairs.filter(({ open }) => open.name === door);
  const names = pairs.map(({ open }) => printable(open.name)).join(', ');
  if (pairs.length === 0) throw configError({ file }, 'no section opens a door');
  if (meant.length === 0) throw usageError(`there is no door '${printable(door!)}'`, `doors: ${names}`);
  if (meant.length > 1)
    throw usageError('there are several doors: select one with --door', `doors: ${names}`);
  const [chosen] = meant as [DoorPair];
  if (chosen.problems.length === 0) return chosen;
  throw configError({ file, line: chosen.open.line }, 'knockproxy cannot open this door', ...chosen.problems);
}

/** The maximum of KnockSequenceTimeout, in seconds. */
const MAX_WINDOW_S = 3600;

function knockLines({ open, close }: DoorPair, host: string, pair: EditableConfigs): string[] {
  const isOneTime = open.oneTimeFile !== undefined;
  return [
    isOneTime ? oneTimeLine(host, pair) : `KnockSequence ${formatSequence(open.steps)}`,
    ...(open.seqTimeoutS <= MAX_WINDOW_S ? [`KnockSequenceTimeout ${open.seqTimeoutS}`] : []),
    ...(close && close.steps.length > 0 ? [`KnockCloseSequence ${formatSequence(close.steps)}`] : []),
  ];
}

function oneTimeOrigin({ oneTime, file, yes = false }: ImportArgs, { open }: DoorPair): OneTimeOrigin {
  return { conf: file, named: open.oneTimeFile!, given: oneTime, yes };
}
