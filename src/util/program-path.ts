import fs from 'node:fs';
import path from 'node:path';

/** What finding a program needs of the machine; given in tests. */
export interface ProgramFinder {
  readonly platform: NodeJS.Platform;
  /** PATH */
  readonly searched: string;
  isFile(file: string): boolean;
}

/**
 * A program as spawn(2) is to get it. Windows, and so Node, looks for a bare name in the current folder before PATH, and
 * that folder may be a repository of somebody else's: there the name becomes the path that an absolute folder of PATH
 * gives. Elsewhere execvp(3) looks into PATH alone.
 *
 * @returns undefined where Windows finds it nowhere.
 */
export function programPath(name: string, finder: ProgramFinder = realFinder()): string | undefined {
  const { platform, searched, isFile } = finder;
  if (platform !== 'win32' || /[/\\]/.test(name)) return name;
  return searched
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => EXTENSIONS.map((extension) => path.join(folder, name + extension)))
    .find(isFile);
}

/** What libuv can start (src/win/process.c: search_path). */
const EXTENSIONS = ['', '.com', '.exe'];

function realFinder(): ProgramFinder {
  const { PATH: searched = '' } = process.env;
  return { platform: process.platform, searched, isFile };
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
