import type { FileRead } from '../ssh-config/evaluate.ts';
import { KnockproxyError } from '../util/errors.ts';
import { oneLine, shellQuote } from '../util/text.ts';
import { KEYWORDS } from './keywords.ts';

const SECRETS = new Set(KEYWORDS.filter(({ secret }) => secret).map(({ name }) => name.toLowerCase()));
/** Both are safe to print. */
export interface FileWarning {
  readonly text: string;
  readonly fix: string;
}

const READABLE_BY_OTHERS = 0o044;

/**
 * Looks whether a file that holds a sequence can be read by others. ssh's own files are often published or
 * shared on purpose, /etc/ssh always is.
 *
 * @returns what is wrong with the user's ssh config and what to do, if anything is.
 * @throws KnockproxyError for knock_config and its includes, with the chmod that mends it.
 */
export function refuseExposedSecrets(files: readonly FileRead[]): FileWarning | undefined {
  if (process.platform === 'win32') return undefined;
  const open = files.filter(({ mode, keywords, kind }) => {
    const holdsSecret = [...keywords].some((keyword) => SECRETS.has(keyword));
    return kind !== 'system' && holdsSecret && (mode & READABLE_BY_OTHERS) !== 0;
  });
  const ours = open.find(({ kind }) => kind === 'knock');
  if (ours !== undefined) {
    throw new KnockproxyError(`${describe(ours)}, and knockproxy does not use it so`, {
      exitCode: 2,
      hints: [`chmod 600 ${shellQuote(ours.path)}`],
    });
  }
  const [theirs] = open;
  if (theirs === undefined) return undefined;
  const fix = `chmod 600 ${shellQuote(theirs.path)}, or move the sequence to ~/.ssh/knock_config`;
  return { text: describe(theirs), fix };
}

function describe({ path, mode }: FileRead): string {
  return `${oneLine(path)} holds a knock sequence and can be read by others (mode ${mode.toString(8).padStart(4, '0')})`;
}
