import fs from 'node:fs';
import path from 'node:path';
import { passedNames, quoteWord } from '../../config-edit/quote-word.ts';
import { usageError } from '../../util/errors.ts';

interface OwnCommandOptions {
  /** Whether to write the bare name, for a config that is shared between machines. */
  readonly portable: boolean;
  /** For ProxyCommand to pass; absolute paths. */
  readonly configFile?: string;
  readonly knockConfig?: string;
}

/**
 * The value of ProxyCommand that runs this program and passes `%h %p`. Node and the script are absolute paths, for cron,
 * graphical editors and version managers.
 *
 * @throws KnockproxyError if the program is in a cache that will be emptied.
 */
export function proxyCommand({ portable, configFile, knockConfig }: OwnCommandOptions): string {
  const program = portable ? ['knockproxy'] : [stablePath(process.execPath), ownScript()];
  const words = [
    ...program,
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(knockConfig === undefined ? [] : ['--knock-config', knockConfig]),
  ];
  return [...words.map((word) => quoteWord(word, process.platform)), passedNames('host')].join(' ');
}

/** The caches of npx, pnpm dlx, yarn dlx and bunx. */
const CACHE = /[/\\](_npx|dlx|dlx-[^/\\]*|xfs-[^/\\]*|bunx-[^/\\]*)[/\\]/;

function ownScript(): string {
  const script = process.argv[1] ?? '';
  const real = fs.realpathSync(script);
  if (CACHE.test(script) || CACHE.test(real)) {
    throw usageError(
      'knockproxy runs from a temporary cache (npx): ssh would not find it later',
      'npm install -g knockproxy, or pass --portable',
    );
  }
  return path.dirname(script) === path.dirname(real) ? real : stablePath(real, path.basename(script));
}

/** Folders of links that stay valid when a package manager upgrades a program. */
const STABLE_FOLDERS = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];

function stablePath(real: string, name = path.basename(real)): string {
  const links = STABLE_FOLDERS.map((folder) => path.join(folder, name));
  return links.find((link) => realPath(link) === real) ?? real;
}

function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}
