import fs from 'node:fs';
import path from 'node:path';
import { passedNames, quoteWord } from '../../config-edit/quote-word.ts';
import { usageError } from '../../util/errors.ts';

export interface OwnCommandOptions {
  /** The bare name, for a config that is used on several machines. */
  readonly portable: boolean;
  /** What ProxyCommand has to pass on, absolute paths. */
  readonly configFile?: string;
  readonly knockConfig?: string;
}

/**
 * The value of ProxyCommand that runs this very program and passes `%h %p`. Node and the script are absolute paths, so that cron,
 * graphical editors and version managers find them.
 *
 * @throws KnockproxyError when it lies in a cache that will be emptied.
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

/** Where npx, pnpm dlx, yarn dlx and bunx unpack what they run once. */
const CACHE = /[/\\](_npx|dlx|dlx-[^/\\]*|xfs-[^/\\]*|bunx-[^/\\]*)[/\\]/;

function ownScript(): string {
  const script = process.argv[1] ?? '';
  const real = fs.realpathSync(script);
  if (CACHE.test(script) || CACHE.test(real)) {
    throw usageError(
      'knockproxy runs from a cache that will be emptied (npx): ssh would not find it again',
      'npm install -g knockproxy, or give --portable',
    );
  }
  return path.dirname(script) === path.dirname(real) ? real : stablePath(real, path.basename(script));
}

/** Folders whose links are kept when a package manager moves a program to the folder of its next version. */
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
