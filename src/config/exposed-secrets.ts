import type { FileRead } from '../ssh-config/evaluate.ts';
import { KnockproxyError } from '../util/errors.ts';
import { oneLine, shellQuote } from '../util/text.ts';
import { KEYWORDS } from './keywords.ts';

const SECRETS = new Set(KEYWORDS.filter(({ secret }) => secret).map(({ name }) => name.toLowerCase()));
/** A warning about a file; both texts are safe to print. */
export interface FileWarning {
  readonly text: string;
  readonly fix: string;
}

const READABLE_BY_OTHERS = 0o044;

/**
 * Checks whether other users can read a file that contains a sequence. The user's own ssh files, which are often shared
 * on purpose, only cause a warning; the system's are not checked.
 *
 * @throws KnockproxyError for knock_config and its includes, with the chmod that fixes it.
 */
export function refuseExposedSecrets(files: readonly FileRead[]): FileWarning | undefined {
  if (process.platform === 'win32') return undefined;
  const open = files.filter(({ mode, keywords, kind }) => {
    const holdsSecret = [...keywords].some((keyword) => SECRETS.has(keyword));
    return kind !== 'system' && holdsSecret && (mode & READABLE_BY_OTHERS) !== 0;
  });
  const knockConfig = open.find(({ kind }) => kind === 'knock');
  if (knockConfig !== undefined) {
    throw new KnockproxyError(`${describe(knockConfig)}: refusing to use it`, {
      exitCode: 2,
      hints: [`chmod 600 ${shellQuote(knockConfig.path)}`],
    });
  }
  const [sshConfig] = open;
  if (sshConfig === undefined) return undefined;
  const fix = `chmod 600 ${shellQuote(sshConfig.path)}, or move the sequence to ~/.ssh/knock_config`;
  return { text: describe(sshConfig), fix };
}

function describe({ path, mode }: FileRead): string {
  return `${oneLine(path)} contains a knock sequence and can be read by others (mode ${mode.toString(8).padStart(4, '0')})`;
}
