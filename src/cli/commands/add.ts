import { isNone } from '../../config/read-values.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import { parseSequence } from '../../plan/sequence.ts';
import { printable } from '../../util/log.ts';
import { applyChanges } from '../config/apply-changes.ts';
import {
  type EditableConfigs,
  loadPair,
  readEditableConfigs,
  settingsFor,
} from '../config/editable-configs.ts';
import { planSetup, type SetUp, withNote } from '../config/plan-setup.ts';
import { readSecret } from '../config/prompt.ts';
import { upgradeNote } from '../config/proxy-command.ts';
import { defineCommand } from '../shared/command.ts';
import { checkAlias, sshLines } from '../shared/host-options.ts';
import { SET_UP_OPTIONS, type SetUpArgs } from '../shared/option-tables.ts';

/** Writes everything that the client needs. The sequence is read from stdin, or typed without echo. */
export const addCommand = defineCommand({
  name: 'add',
  help: 'set up a host: its block in ~/.ssh/config, and its sequence in ~/.ssh/knock_config',
  usage:
    'add HOST\n\n' +
    'Reads the knock sequence from stdin, or asks for it without showing it. An empty answer keeps\n' +
    'the door of HOST. Shows the changes, asks, and keeps the last 3 versions of each file.',
  operands: { host: { shown: 'HOST', help: 'the name as you will type it to ssh', completes: 'new-host' } },
  options: SET_UP_OPTIONS,
  run: add,
});

async function add(args: SetUpArgs & { readonly host: string }): Promise<void> {
  checkAlias(args.host);
  const pair = readEditableConfigs(args);
  const lines = sshLines(args, pair);
  const hasDoor = doorOf(args.host, pair) !== undefined;
  const prompt = `Knock sequence for ${printable(args.host)} (not shown${hasDoor ? '; empty: unchanged' : ''}): `;
  const text = args.dryRun && process.stdin.isTTY ? '' : (await readSecret(prompt)).trim();
  const sequence = text === '' && args.dryRun ? ANY_SEQUENCE : text;
  const knockLines =
    text === '' && hasDoor ? [] : [`KnockSequence ${formatSequence(parseSequence(sequence))}`];
  await setUp({ host: args.host, knockLines, sshLines: lines, force: args.force ?? false }, pair, args);
}

/** A dry run does not show it, and needs none. */
const ANY_SEQUENCE = '1';

/** Plans the changes, shows them, asks and writes. */
export async function setUp(
  request: SetUp,
  pair: EditableConfigs,
  { yes = false, dryRun, portable = false }: SetUpArgs,
): Promise<void> {
  const planned = planSetup(request, pair, await import('ssh-config'));
  const plan = withNote(planned, upgradeNote(portable));
  if (plan.changes.length === 0) {
    console.log(`${printable(request.host)} is set up already: nothing to change`);
    return;
  }
  if (await applyChanges(plan, { yes, dryRun })) console.log(`done: ssh ${printable(request.host)}`);
}

function doorOf(host: string, pair: EditableConfigs) {
  const door = settingsFor(loadPair(pair), host).get('door');
  return door === undefined || isNone(door) ? undefined : door;
}
