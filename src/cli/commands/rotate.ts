import crypto from 'node:crypto';
import { isNone } from '../../config/read-values.ts';
import { parseSequence } from '../../plan/sequence.ts';
import type { Settings } from '../../ssh-config/evaluate.ts';
import { KnockproxyError, usageError } from '../../util/errors.ts';
import { showPlan, writePlan } from '../config/apply-changes.ts';
import { loadPair, readEditableConfigs, settingsFor } from '../config/editable-configs.ts';
import { confirm } from '../config/prompt.ts';
import type { DoorFiles } from '../generate/door-files.ts';
import { type DoorOptions, doorFiles, drawSecret } from '../generate/generate-door.ts';
import { folderFiles, planClient } from '../generate/generate-folder.ts';
import { drawKeys, spaFiles } from '../generate/generate-spa.ts';
import { readClient, readHost, readOneTime, thisMachine } from '../generate/read-door-options.ts';
import { writeFolder } from '../generate/write-folder.ts';
import { SERVER_PROGRAM, SshSession, shown } from '../server/ssh-session.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { FILE_OPTIONS, HOST, YES } from '../shared/option-tables.ts';
import { runHere } from '../shared/run-ssh.ts';

const OPTIONS = {
  ...FILE_OPTIONS,
  client: {
    type: 'text',
    value: 'NAME',
    help: 'change the secret that the server calls NAME; default: the name of this machine',
  },
  'one-time': { type: 'text', value: 'N', help: 'write N sequences to the new one-time file; default 500' },
  yes: YES,
} as const satisfies OptionTable;

type RotateArgs = OptionValues<typeof OPTIONS> & { readonly host: string };

/** A new secret on both ends, through the door that the old one opens. */
export const rotateCommand = defineCommand({
  name: 'rotate',
  help: 'change the secret of a door that generate made, or refill its one-time sequences',
  epilogue:
    'The server accepts both secrets until a login has used the new one. If rotate is interrupted, run it again.',
  operands: HOST,
  options: OPTIONS,
  run: rotate,
});

async function rotate(args: RotateArgs): Promise<void> {
  const host = readHost(args.host);
  const pair = readEditableConfigs(args);
  const bundle = newSecret(host, settingsFor(loadPair(pair), host), args);
  const plan = () => planClient(bundle, { ...args, add: true, force: true, isRotation: true });
  const session = new SshSession(host, {
    how: [],
    ...(args.config !== undefined && { config: args.config }),
  });
  try {
    const keep = session.keep(SERVER_PROGRAM);
    process.stderr.write(`Runs, in this order:\n${shown([session.copy, session.install])}`);
    process.stderr.write('then changes on this machine, and logs in with the new secret:\n');
    showPlan(await plan());
    process.stderr.write(shown([keep]));
    if (!args.yes && !(await confirm('Do this?'))) throw new KnockproxyError('nothing was changed');
    writeFolder(session.folder, folderFiles(bundle, '', true), true);
    await runHere(session.copy);
    await runHere(session.install);
    // The logins for copy and install have used up one-time sequences.
    writePlan(await plan());
    await runHere(keep).catch((cause: unknown) => {
      throw new KnockproxyError('no login succeeded with the new secret', {
        hints: [`the server still accepts the old one: run 'knockproxy rotate ${host}' again`],
        cause,
      });
    });
    process.stdout.write(`done: the old secret of ${host} no longer opens the door\n`);
  } finally {
    await session.close();
  }
}

/** Of the same kind as the one that the host has. */
function newSecret(host: string, settings: Settings, { client, oneTime }: RotateArgs): DoorFiles {
  const door = settings.get('door');
  const port = Number(settings.get('port')?.raw ?? 22);
  const wish = {
    host,
    port,
    client: client === undefined ? thisMachine() : readClient(client),
    allow: [],
    isRotation: true,
  };
  if (door?.keyword === 'knockspakeyfile') {
    const allow = settings.get('spaallow')?.raw;
    return spaFiles({ ...wish, close: false }, drawKeys(crypto.randomBytes), 'script', allow);
  }
  if (door?.keyword !== 'knocksequence' && door?.keyword !== 'knockonetimefile')
    throw notOurs(host, door?.keyword);
  const full: DoorOptions = {
    ...wish,
    server: settings.has('sequencetimeout') ? 'knockd' : 'nftables',
    sequence: sequenceLike(settings),
    close: settings.has('close'),
    ...(door.keyword === 'knockonetimefile' && { oneTime: readOneTime(oneTime ?? '500', 'knockd') }),
  };
  return doorFiles(full, drawSecret(full, crypto.randomInt), 'script');
}

/** As many steps, and none of the ports: both secrets are in force for a while. */
function sequenceLike(settings: Settings): DoorOptions['sequence'] {
  const door = settings.get('door');
  const old = [door?.keyword === 'knocksequence' ? door : undefined, settings.get('close')]
    .filter((setting) => setting !== undefined && !isNone(setting))
    .map((setting) => parseSequence(setting!.raw));
  const count = door?.keyword === 'knocksequence' ? old[0]?.length : undefined;
  return { exclude: old.flat().map(({ port }) => port), ...(count !== undefined && { count }) };
}

function notOurs(host: string, keyword: string | undefined): KnockproxyError {
  if (keyword === undefined)
    return usageError(`${host} has no door`, `create one: knockproxy generate ${host} --ssh`);
  return usageError(
    `the secret of ${host} is not in a file that knockproxy writes`,
    `create a new one with knockproxy generate ${host} --out DIR, and store it in place of the old one`,
  );
}
