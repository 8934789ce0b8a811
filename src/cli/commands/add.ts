import type { Argv, CommandModule } from 'yargs';
import { formatSequence } from '../../plan/format-sequence.ts';
import { parseSequence } from '../../plan/sequence.ts';
import { printable } from '../../util/log.ts';
import { applyChanges } from '../config/apply-changes.ts';
import {
  type EditableConfigs,
  type FileArgs,
  fileOptions,
  loadPair,
  readEditableConfigs,
  settingsFor,
  TEXT_OPTION,
} from '../config/editable-configs.ts';
import { planSetup, type SetUp } from '../config/plan-setup.ts';
import { readSecret } from '../config/prompt.ts';
import { checkAlias, type HostOptions, sshLines } from '../shared/host-options.ts';

export interface SetUpArgs extends FileArgs, HostOptions {
  yes?: boolean;
  force?: boolean;
}

interface AddArgs extends SetUpArgs {
  host: string;
}

/** `knockproxy add HOST`: everything the client needs, from the sequence on stdin or typed unseen. */
export function addCommand(): CommandModule<object, AddArgs> {
  return {
    command: 'add <host>',
    describe: 'set up a host: the block in ~/.ssh/config and its sequence in ~/.ssh/knock_config',
    builder: (yargs) =>
      setUpOptions(yargs)
        .usage(
          '$0 add HOST\n\n' +
            'Reads the knock sequence from stdin, or asks for it without showing it. An empty one keeps the door\n' +
            'that HOST has. Shows what will change, asks, and keeps the last 3 versions of each file.',
        )
        .positional('host', {
          type: 'string',
          demandOption: true,
          describe: 'name, as you will type it to ssh',
        }) as unknown as Argv<AddArgs>,
    handler: add,
  };
}

export function setUpOptions<T>(yargs: Argv<T>): Argv<T & SetUpArgs> {
  return fileOptions(yargs)
    .option('hostname', { ...TEXT_OPTION, describe: 'HOST: HostName for the block' })
    .option('port', { alias: 'p', ...TEXT_OPTION, describe: 'PORT: Port for the block' })
    .option('user', { alias: 'l', ...TEXT_OPTION, describe: 'USER: User for the block' })
    .option('fdpass', { type: 'boolean', describe: 'hand the socket to ssh: ProxyUseFdpass yes' })
    .option('portable', { type: 'boolean', describe: "write 'knockproxy' instead of where it lies here" })
    .option('yes', { alias: 'y', type: 'boolean', describe: 'do not ask' })
    .option('force', {
      type: 'boolean',
      describe: 'put the new settings before those that are there',
    }) as unknown as Argv<T & SetUpArgs>;
}

async function add(args: AddArgs): Promise<void> {
  checkAlias(args.host);
  const pair = readEditableConfigs(args);
  const lines = sshLines(args, pair);
  const hasDoor = doorOf(args.host, pair) !== undefined;
  const prompt = `Knock sequence for ${printable(args.host)} (not shown${hasDoor ? '; empty: as it is' : ''}): `;
  const text = (await readSecret(prompt)).trim();
  const knockLines = text === '' && hasDoor ? [] : [`KnockSequence ${formatSequence(parseSequence(text))}`];
  await setUp({ host: args.host, knockLines, sshLines: lines, force: args.force ?? false }, pair, args);
}

/** Plans, shows, asks and writes. */
export async function setUp(
  request: SetUp,
  pair: EditableConfigs,
  { yes = false }: SetUpArgs,
): Promise<void> {
  const plan = planSetup(request, pair, await import('ssh-config'));
  if (plan.changes.length === 0) {
    console.log(`${printable(request.host)} is set up already: nothing to change`);
    return;
  }
  await applyChanges(plan, { yes });
  console.log(`done: ssh ${printable(request.host)}`);
}

function doorOf(host: string, pair: EditableConfigs) {
  const door = settingsFor(loadPair(pair), host).get('door');
  return door === undefined || /^none$/i.test(door.raw) ? undefined : door;
}
