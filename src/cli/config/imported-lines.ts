import path from 'node:path';
import type { ImportedDoor } from '../../import/imported-door.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import { toBytes } from '../../util/bytes.ts';
import { usageError } from '../../util/errors.ts';
import { secretName } from './client-files.ts';
import { readConfigured } from './configured-door.ts';
import type { EditableConfigs } from './editable-configs.ts';
import { copyOneTime, oneTimeLine, pathWord } from './one-time-copy.ts';
import type { SetUp } from './plan-setup.ts';
import { type FileChange, readIfThere } from './replace-file.ts';
import { readSpaAllow } from './spa-allow.ts';

/** The options of `import` that say more than the file. */
interface ImportOptions {
  readonly host: string;
  readonly file: string;
  readonly oneTime?: string | undefined;
  readonly spaAllow?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly force?: boolean | undefined;
}

/**
 * The lines of knock_config for an imported door, and the file of its secret.
 *
 * @throws KnockproxyError as copyOneTime, and where the server wants an address that no option gives.
 */
export function linesOf(
  door: ImportedDoor,
  options: ImportOptions,
  pair: EditableConfigs,
): Pick<SetUp, 'knockLines' | 'extra'> {
  const { secret, extra } = secretOf(door, options, pair);
  return {
    knockLines: [
      ...secret,
      ...(door.sequenceTimeoutS === undefined ? [] : [`KnockSequenceTimeout ${door.sequenceTimeoutS}`]),
      ...(door.delayMs === undefined ? [] : [`KnockDelay ${door.delayMs}`]),
      ...(door.closeSteps === undefined ? [] : [`KnockCloseSequence ${formatSequence(door.closeSteps)}`]),
    ],
    ...(extra && { extra }),
  };
}

function secretOf(
  { secret }: ImportedDoor,
  options: ImportOptions,
  pair: EditableConfigs,
): { secret: string[]; extra?: FileChange } {
  const { host, file, oneTime, yes = false, force = false } = options;
  switch (secret.kind) {
    case 'sequence':
      return { secret: [`KnockSequence ${formatSequence(secret.steps)}`] };
    case 'one-time': {
      const origin = { conf: file, named: secret.file, given: oneTime, yes };
      return { secret: [oneTimeLine(host, pair)], extra: copyOneTime(host, origin, pair, force) };
    }
    case 'configured':
      return { secret: [...readConfigured(secret.settings, file).knockLines] };
    case 'spa':
      return spaSecret(secret, options, pair);
  }
}

function spaSecret(
  { keyLines, needsAddress }: Extract<ImportedDoor['secret'], { kind: 'spa' }>,
  { host, spaAllow, force = false }: ImportOptions,
  pair: EditableConfigs,
): { secret: string[]; extra: FileChange } {
  const allow = readSpaAllow(spaAllow);
  if (needsAddress && allow === undefined) {
    throw usageError(
      'the server takes only packets that name the address to let in (REQUIRE_SOURCE_ADDRESS)',
      'give it with --spa-allow ADDRESS, or --spa-allow URL for a page that returns yours',
    );
  }
  const target = path.join(path.dirname(pair.knock.path), secretName(host, { kind: 'spa' }));
  const [before, after] = [readIfThere(target), `${keyLines.join('\n')}\n`];
  if (before !== undefined && before !== after && !force) {
    throw usageError(`${target} already contains other keys`, '--force replaces them');
  }
  return {
    secret: [
      toBytes(`KnockSpaKeyFile ${pathWord(target)}`),
      ...(allow === undefined ? [] : [`KnockSpaAllow ${allow}`]),
    ],
    extra: { path: target, before, after, isSecret: true },
  };
}
