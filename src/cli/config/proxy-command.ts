import fs from 'node:fs';
import path from 'node:path';
import { passedNames, quoteWord } from '../../config-edit/quote-word.ts';
import { usageError } from '../../util/errors.ts';
import { type StablePath, stablePath } from './stable-path.ts';

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
  const program = portable ? ['knockproxy'] : ownProgram().words;
  const words = [
    ...program,
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(knockConfig === undefined ? [] : ['--knock-config', knockConfig]),
  ];
  return [...words.map((word) => quoteWord(word, process.platform)), passedNames('host')].join(' ');
}

/** What to do where the names in the line will not survive an upgrade of Node; undefined if they will. */
export function upgradeNote(portable: boolean): string | undefined {
  return portable ? undefined : ownProgram().note;
}

/** The words that run this program, without options. @throws KnockproxyError as proxyCommand */
export function ownProgram(): OwnProgram {
  const script = process.argv[1] ?? '';
  const real = fs.realpathSync(script);
  if (CACHE.test(script) || CACHE.test(real)) {
    throw usageError(
      'knockproxy runs from a temporary cache (npx): ssh would not find it later',
      'npm install -g knockproxy, or pass --portable',
    );
  }
  const links = { folders: (process.env.PATH ?? '').split(path.delimiter), real: realPath };
  return programWords(
    stablePath('node', fs.realpathSync(process.execPath), links),
    stablePath('knockproxy', real, links),
  );
}

interface OwnProgram {
  readonly words: readonly string[];
  readonly note?: string;
}

/** A shim of a version manager starts Node by itself. */
export function programWords(node: StablePath, script: StablePath): OwnProgram {
  if (script.kind === 'shim') return { words: [script.path] };
  const words = [node.path, script.path];
  const versioned = [node, script].find(({ isVersioned }) => isVersioned);
  if (versioned === undefined) return { words };
  const note = `ssh will run ${versioned.path}, which an upgrade may remove: run 'knockproxy repair' after upgrading Node, or pass --portable now`;
  return { words, note };
}

/** The caches of npx, pnpm dlx, yarn dlx and bunx. */
const CACHE = /[/\\](_npx|dlx|dlx-[^/\\]*|xfs-[^/\\]*|bunx-[^/\\]*)[/\\]/;

function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}
