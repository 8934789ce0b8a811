import path from 'node:path';

/** What the choice depends on; tests pass trees of links. */
interface ProgramLinks {
  /** $PATH, split. */
  readonly folders: readonly string[];
  /** realpath(3); undefined where nothing exists. */
  real(file: string): string | undefined;
}

/** A name of a program to write into a file. */
export interface StablePath {
  readonly path: string;
  /** `shim`: a program of a version manager that starts the real one by itself. */
  readonly kind: 'own' | 'shim';
  /** Whether the next upgrade may remove it. */
  readonly isVersioned?: true;
}

/**
 * The name of a program that is most likely to survive an upgrade: a link to it in a folder of the system, in $PATH, or
 * where a version manager keeps its default; else the program itself; else the shim of its version manager.
 *
 * @param name the name of links to it: `node`.
 * @param real the program, without links.
 */
export function stablePath(name: string, real: string, { folders, real: resolve }: ProgramLinks): StablePath {
  const found = [...SYSTEM_FOLDERS, ...folders.filter(isLasting)].map((folder) => path.join(folder, name));
  const link = [...found, ...managedLinks(real, name)].find(
    (file) => !isVersioned(file) && resolve(file) === real,
  );
  if (link !== undefined) return { path: link, kind: 'own' };
  if (!isVersioned(real)) return { path: real, kind: 'own' };
  const shim = shims(real, name).find((file) => resolve(file) !== undefined);
  return shim === undefined ? { path: real, kind: 'own', isVersioned: true } : { path: shim, kind: 'shim' };
}

const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];

/** npm and npx put node_modules/.bin of the current folder into PATH. */
function isLasting(folder: string): boolean {
  return path.isAbsolute(folder) && !parts(folder).includes('node_modules');
}

/** Links beside versions: fnm's default, nvm's `current` (NVM_SYMLINK_CURRENT), Homebrew's bin and opt. */
function managedLinks(real: string, name: string): string[] {
  const fnm = above(real, 'node-versions');
  const nvm = above(real, 'versions');
  const brew = above(real, 'Cellar');
  return [
    ...(fnm === undefined ? [] : [path.join(fnm, 'aliases/default/bin', name)]),
    ...(nvm === undefined ? [] : [path.join(nvm, 'current/bin', name)]),
    ...(brew === undefined ? [] : [path.join(brew, 'bin', name)]),
    ...(brew === undefined ? [] : [path.join(brew, 'opt', formulaIn(real, brew), 'bin', name)]),
  ];
}

function formulaIn(real: string, brew: string): string {
  return parts(path.relative(path.join(brew, 'Cellar'), real))[0]!;
}

/** asdf and mise (installs), nodenv (versions), Volta (tools). */
function shims(real: string, name: string): string[] {
  return [
    ['installs', 'shims'],
    ['versions', 'shims'],
    ['tools', 'bin'],
  ].flatMap(([versions, folder]) => {
    const root = above(real, versions!);
    return root === undefined ? [] : [path.join(root, folder!, name)];
  });
}

/** The path above the first folder of this name. */
function above(file: string, folder: string): string | undefined {
  const all = parts(file);
  const at = all.indexOf(folder);
  return at < 1 ? undefined : all.slice(0, at).join(path.sep);
}

/** Folders of versions; fnm makes one for each shell, and removes it. */
const VERSIONS = new Set(['node-versions', 'fnm_multishells', 'Cellar']);

function isVersioned(file: string): boolean {
  if (file.startsWith('/nix/store/')) return true;
  return parts(file)
    .slice(0, -1)
    .some((part) => VERSIONS.has(part) || /\d\.\d/.test(part));
}

function parts(file: string): string[] {
  return file.split(/[/\\]/);
}
