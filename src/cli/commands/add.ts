import { isNone } from '../../config/read-values.ts';
import { isDestination } from '../../config/settings.ts';
import { usageError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { applyChanges } from '../config/apply-changes.ts';
import {
  type EditableConfigs,
  loadPair,
  readEditableConfigs,
  settingsFor,
} from '../config/editable-configs.ts';
import { planAll, type SetUp, withNote } from '../config/plan-setup.ts';
import { readSecret } from '../config/prompt.ts';
import { upgradeNote } from '../config/proxy-command.ts';
import { ANY_SEQUENCE, sequenceLine } from '../config/typed-sequence.ts';
import {
  type CommandContext,
  defineCommand,
  type OptionTable,
  type OptionValues,
} from '../shared/command.ts';
import { checkAlias, sshLines } from '../shared/host-options.ts';
import { SET_UP_OPTIONS, type SetUpArgs } from '../shared/option-tables.ts';
import { splitTypedHost } from '../shared/typed-host.ts';

const OPTIONS = {
  ...SET_UP_OPTIONS,
  via: {
    type: 'text',
    value: 'HOST',
    completes: 'new-host',
    help: 'write KnockVia HOST: knock and connect from HOST, a bastion',
  },
} as const satisfies OptionTable;

type AddArgs = OptionValues<typeof OPTIONS> & { readonly host: string };

/** Writes everything that the client needs. The sequence is read from stdin, or typed without echo. */
export const addCommand = defineCommand({
  name: 'add',
  help: 'set up a host: write its block in ~/.ssh/config, and its sequence in ~/.ssh/knock_config',
  usage:
    'add HOST\n\n' +
    'Reads the knock sequence from stdin, or asks for it without showing it. An empty answer keeps\n' +
    'the door of HOST. Shows the changes, asks, and keeps the last 3 versions of each file.\n' +
    'HOST may be [USER@]HOST[:PORT], ssh://..., or a command line of ssh, knock or fwknop -n STANZA.',
  operands: { host: { shown: 'HOST', help: 'the name as you will type it to ssh', completes: 'new-host' } },
  options: OPTIONS,
  run: add,
});

async function add(given: AddArgs, { log, pasted }: CommandContext): Promise<void> {
  const args = { ...given, ...splitTypedHost(given) };
  const { host, dryRun = false, force = false } = args;
  checkAlias(host);
  if (pasted?.hasSequence) log.warning(IN_HISTORY);
  const pair = readEditableConfigs(args);
  const lines = sshLines(args, pair);
  const hasSecret = pasted !== undefined && pasted.doorLines.length > 0;
  const via = viaLines(args);
  const doorLines = hasSecret ? pasted.doorLines : await askForDoor(host, pair, dryRun);
  const knockLines = [...doorLines, ...via];
  await setUp({ host, knockLines, sshLines: lines, force }, pair, args);
}

/** @throws KnockproxyError for what is no host, and with --fdpass. */
function viaLines({ via, fdpass }: AddArgs): string[] {
  if (via === undefined) return [];
  if (!isDestination(via)) throw usageError('--via is not a host name');
  if (fdpass) throw usageError('--via and --fdpass exclude each other');
  return [`KnockVia ${via}`];
}

/** As knockproxy knock documents. */
const IN_HISTORY =
  'the knock sequence is now in the shell history, and other users of this machine could see it: delete it there';

async function askForDoor(host: string, pair: EditableConfigs, dryRun: boolean): Promise<string[]> {
  const hasDoor = doorOf(host, pair) !== undefined;
  const prompt = `Knock sequence for ${printable(host)} (not shown${hasDoor ? '; empty: unchanged' : ''}): `;
  const text = dryRun && process.stdin.isTTY ? '' : (await readSecret(prompt)).trim();
  if (text === '' && hasDoor) return [];
  const sequence = text === '' && dryRun ? ANY_SEQUENCE : text;
  return [sequenceLine(sequence)];
}

/** Plans the changes, shows them, asks and writes. */
export async function setUp(request: SetUp, pair: EditableConfigs, args: SetUpArgs): Promise<void> {
  const { host } = request;
  await setUpAll([{ host, request: () => request }], pair, args);
}

interface HostRequest {
  readonly host: string;
  /** Its lines, where the hosts before it are set up already. */
  request(pair: EditableConfigs): SetUp;
}

/** The same for several hosts, with one question. */
export async function setUpAll(
  hosts: readonly HostRequest[],
  pair: EditableConfigs,
  { yes = false, dryRun, portable = false }: SetUpArgs,
): Promise<void> {
  const requests = hosts.map(({ request }) => request);
  const planned = planAll(requests, pair, await import('ssh-config'));
  const plan = withNote(planned, upgradeNote(portable));
  const names = hosts.map(({ host }) => printable(host));
  if (plan.changes.length === 0) {
    for (const name of names) console.log(`${name} is already set up: nothing to change`);
  } else if (await applyChanges(plan, { yes, dryRun })) {
    for (const name of names) console.log(`done: ssh ${name}`);
  }
}

function doorOf(host: string, pair: EditableConfigs) {
  const door = settingsFor(loadPair(pair), host).get('door');
  return door === undefined || isNone(door) ? undefined : door;
}
