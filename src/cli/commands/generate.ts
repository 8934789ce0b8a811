import crypto from 'node:crypto';
import { formatSequence } from '../../plan/format-sequence.ts';
import { usageError } from '../../util/errors.ts';
import { type DoorFiles, pasteSteps, renderDoorFiles } from '../generate/door-files.ts';
import { type DoorSecret, doorFiles, drawSecret } from '../generate/generate-door.ts';
import { writeBundle } from '../generate/generate-folder.ts';
import {
  GENERATE_OPTIONS,
  type GenerateArgs,
  readDoorOptions,
  readSpaAllow,
} from '../generate/generate-options.ts';
import { drawKeys, spaFiles } from '../generate/generate-spa.ts';
import { defineCommand } from '../shared/command.ts';
import { toJsonText } from '../shared/json.ts';

/** A new secret, and the files for both ends. */
export const generateCommand = defineCommand({
  name: 'generate',
  help: 'create a door: the secret, and the files for client and server',
  epilogue: 'Prints the files and the steps, in an order that does not lock you out; --out writes the files.',
  operands: { host: { shown: '[HOST]', help: 'the server as you type it to ssh' } },
  options: GENERATE_OPTIONS,
  run: generate,
});

async function generate(args: GenerateArgs): Promise<void> {
  const { bundle, secret } = makeDoor(args);
  if (args.format !== undefined) {
    if (secret !== undefined && 'steps' in secret.open) say(formatSequence(secret.open.steps, args.format));
  } else if (args.out !== undefined) {
    say(await writeBundle(bundle, args.out, args));
  } else {
    say(args.json ? toJson(bundle) : renderDoorFiles(bundle).trimEnd());
  }
}

/** Generates and checks everything before it asks or writes. */
function makeDoor(args: GenerateArgs): { bundle: DoorFiles; secret?: DoorSecret } {
  const wish = readDoorOptions(args);
  if (wish.host === undefined && (args.out !== undefined || args.spa)) {
    throw usageError(`${args.spa ? '--spa' : '--out'} requires HOST: the name that you type to ssh`);
  }
  if (args.add && args.out === undefined)
    throw usageError('--add requires --out: a folder for the files of the server');
  if (args.spa) return { bundle: spaFiles(wish, drawKeys(crypto.randomBytes), readSpaAllow(args)) };
  const secret = drawSecret(wish, crypto.randomInt);
  return { bundle: doorFiles(wish, secret), secret };
}

function toJson(bundle: DoorFiles): string {
  const { host, port, files } = bundle;
  return toJsonText({ host, port, files, steps: pasteSteps(bundle) });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
