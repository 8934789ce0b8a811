import { cpSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { mustRun, REPOSITORY, run } from '../netns/index.ts';

/** What `npm pack` made of the built repository. */
export interface Packed {
  readonly tarball: string;
  readonly bytes: number;
  /** Paths in the package, sorted. */
  readonly files: readonly string[];
}

/** Builds the whole program as that one file. */
export async function buildSingle(file: string): Promise<void> {
  await mustRun(['npm', 'run', 'build:single', '--', file], { cwd: REPOSITORY, timeoutMs: 120_000 });
}

/** Packs dist/ as it is: `npm test` has built it. */
export async function pack(folder: string): Promise<Packed> {
  const argv = ['npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await mustRun(argv, { cwd: REPOSITORY, timeoutMs: 120_000 });
  const [{ filename, size, files }] = JSON.parse(stdout) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  const tarball = join(folder, basename(filename));
  return { tarball, bytes: size, files: files.map(({ path }) => path).sort() };
}

/**
 * Installs the tarball into an empty folder, by the npm of this machine on the Node that stands first on `path`. Where
 * the registry does not answer, the packages it needs are those that this repository has installed.
 */
export async function install({ tarball }: Packed, folder: string, path: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const options = { cwd: folder, env: { PATH: path }, timeoutMs: 180_000 };
  const argv = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', tarball];
  const online = [...argv, '--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
  if ((await run(online, options)).code === 0) return;
  const listed = await mustRun(['npm', 'ls', '--omit=dev', '--all', '--parseable'], { cwd: REPOSITORY });
  for (const dependency of listed.stdout.trim().split('\n').slice(1)) {
    const place = join(folder, relative(REPOSITORY, dependency));
    mkdirSync(dirname(place), { recursive: true });
    cpSync(dependency, place, { recursive: true });
  }
  await mustRun([...argv, '--offline'], options);
}
