import crypto from 'node:crypto';
import { formatSequence } from '../../plan/format-sequence.ts';
import { parseSequence } from '../../plan/sequence.ts';
import { usageError } from '../../util/errors.ts';
import { readSecret } from '../config/prompt.ts';
import { readSpaAllow } from '../config/spa-allow.ts';
import { type DoorFiles, pasteSteps, renderDoorFiles } from '../generate/door-files.ts';
import { doorFiles, drawSecret } from '../generate/generate-door.ts';
import { writeBundle } from '../generate/generate-folder.ts';
import { GENERATE_OPTIONS, type GenerateArgs } from '../generate/generate-options.ts';
import { drawKeys, spaFiles } from '../generate/generate-spa.ts';
import { readDoorOptions, readHost } from '../generate/read-door-options.ts';
import type { DoorSecret } from '../generate/server-presets.ts';
import { setUpOverSsh } from '../server/set-up-over-ssh.ts';
import { defineCommand } from '../shared/command.ts';
import { toJsonText } from '../shared/json.ts';
import { sshDestination } from '../shared/ssh-destination.ts';

/** A new secret, and the files for both ends. */
export const generateCommand = defineCommand({
  name: 'generate',
  help: 'create a door: the secret, and the files for client and server',
  epilogue:
    'Prints the files and the steps in an order that cannot lock you out, or writes the files (--out).',
  operands: { host: { shown: '[HOST]', help: 'the server as you type it to ssh', completes: 'new-host' } },
  options: GENERATE_OPTIONS,
  run: generate,
});

async function generate(args: GenerateArgs): Promise<void> {
  const { bundle, secret } = await makeDoor(args);
  if (args.format !== undefined) {
    if (secret !== undefined && 'steps' in secret.open) say(formatSequence(secret.open.steps, args.format));
  } else if (args.ssh) {
    await setUpOverSsh(bundle, args);
  } else if (args.out !== undefined) {
    say(await writeBundle(bundle, args.out, args));
  } else {
    say(args.json ? toJson(bundle) : renderDoorFiles(bundle).trimEnd());
  }
}

/** Generates and checks everything before it asks or writes. */
async function makeDoor(args: GenerateArgs): Promise<{ bundle: DoorFiles; secret?: DoorSecret }> {
  if (args.host !== undefined) readHost(args.host);
  const needsHost = [args.ssh && '--ssh', args.out !== undefined && '--out', args.spa && '--spa'].find(
    Boolean,
  );
  if (args.host === undefined && needsHost) {
    throw usageError(`${needsHost} requires HOST: the name that you type to ssh`);
  }
  const wish = readDoorOptions(args, await sshDestination(args.host, args.config));
  const form = args.out === undefined && !args.ssh && args.firewall !== undefined ? 'files' : 'script';
  if (args.add && args.out === undefined)
    throw usageError('--add requires --out: a directory for the files of the server');
  if (args.spa)
    return { bundle: spaFiles(wish, drawKeys(crypto.randomBytes), form, readSpaAllow(args.spaAllow)) };
  const secret = args.sequenceStdin ? await readDoor() : drawSecret(wish, crypto.randomInt);
  return { bundle: doorFiles(wish, secret, form), secret };
}

/** A secret that is kept elsewhere, in a vault for example. */
async function readDoor(): Promise<DoorSecret> {
  return { open: { steps: parseSequence((await readSecret('Knock sequence (not shown): ')).trim()) } };
}

function toJson(bundle: DoorFiles): string {
  const { host, port, user, files } = bundle;
  return toJsonText({ host, port, user, files, steps: pasteSteps(bundle) });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
