import { KEYWORDS } from './door/keywords.ts';
import { KnockproxyError } from './errors.ts';
import type { FileRead } from './ssh-config/evaluate.ts';

const SECRETS = new Set(KEYWORDS.filter(({ secret }) => secret).map(({ name }) => name.toLowerCase()));
const READABLE_BY_OTHERS = 0o044;

/**
 * Looks whether a file that holds a sequence can be read by others. ssh's own files are often published or
 * shared on purpose, /etc/ssh always is.
 *
 * @returns a warning for the user's ssh config, if there is reason for one.
 * @throws KnockproxyError for knock_config and its includes, with the chmod that mends it.
 */
export function checkSecretFiles(files: readonly FileRead[]): string | undefined {
  if (process.platform === 'win32') return undefined;
  const open = files.filter(({ mode, keywords, kind }) => {
    const holdsSecret = [...keywords].some((keyword) => SECRETS.has(keyword));
    return kind !== 'system' && holdsSecret && (mode & READABLE_BY_OTHERS) !== 0;
  });
  const ours = open.find(({ kind }) => kind === 'knock');
  if (ours !== undefined) {
    throw new KnockproxyError(`${describe(ours)}, and knockproxy does not use it so`, {
      exitCode: 2,
      hints: [`chmod 600 ${ours.path}`],
    });
  }
  return (
    open[0] && `${describe(open[0])}: chmod 600 ${open[0].path}, or move the sequence to ~/.ssh/knock_config`
  );
}

function describe({ path, mode }: FileRead): string {
  return `${path} holds a knock sequence and can be read by others (mode ${mode.toString(8).padStart(4, '0')})`;
}
