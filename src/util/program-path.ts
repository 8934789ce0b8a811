import fs from 'node:fs';
import path from 'node:path';

/** What the search depends on; tests pass their own. */
interface ProgramFinder {
  readonly platform: NodeJS.Platform;
  /** $PATH */
  readonly searchPath: string;
  isFile(file: string): boolean;
}

/**
 * The name or path to pass to spawn(). Windows searches the current directory, possibly a hostile repository, before
 * PATH, so there a bare name is resolved by the absolute folders of PATH. Elsewhere execvp(3) searches PATH alone.
 *
 * @returns undefined if Windows does not find it.
 */
export function programPath(name: string, finder: ProgramFinder = realFinder()): string | undefined {
  const { platform, searchPath, isFile } = finder;
  if (platform !== 'win32' || /[/\\]/.test(name)) return name;
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => EXTENSIONS.map((extension) => path.join(folder, name + extension)))
    .find(isFile);
}

/** What libuv can start (src/win/process.c: search_path). */
const EXTENSIONS = ['', '.com', '.exe'];

function realFinder(): ProgramFinder {
  const { PATH: searchPath = '' } = process.env;
  return { platform: process.platform, searchPath, isFile };
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
