// The files of a system's package (deb, rpm), as a tree below a folder.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pkg from '../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PROGRAM = 'usr/share/knockproxy';
const DOC = 'usr/share/doc/knockproxy';

/** Where each shell looks for what a system's packages bring. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/knockproxy',
  zsh: 'usr/share/zsh/vendor-completions/_knockproxy',
  fish: 'usr/share/fish/vendor_completions.d/knockproxy.fish',
};

/** Where they lie here, so that their links to each other hold. */
const DOCS = ['README.md', 'SECURITY.md', 'docs', 'examples'];
/** Not for readers of a package: what is made into man pages, and what needs the sources. */
const LEFT_OUT = /^(docs\/man|examples\/(demo|library))(\/|$)/;

/** Calls `use` with a new folder, and removes it. */
export function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'knockproxy-package-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the files of the built program below `root`, with their modes.
 *
 * @returns the notices of the packages that are in it, and ours.
 */
export function writeSystemFiles(root: string): string {
  mkdirSync(join(root, PROGRAM), { recursive: true });
  execFileSync(process.execPath, ['scripts/build.mjs', 'system', join(root, PROGRAM)], { cwd: ROOT });
  mkdirSync(join(root, 'usr/bin'));
  symlinkSync('../share/knockproxy/knockproxy.cjs', join(root, 'usr/bin/knockproxy'));
  for (const [shell, path] of Object.entries(COMPLETIONS)) put(root, path, completion(shell));
  for (const name of ['knockproxy.1', 'knock_config.5']) {
    put(root, `usr/share/man/man${name.at(-1)}/${name}.gz`, gzip(readFileSync(join(ROOT, 'dist/man', name))));
  }
  for (const name of DOCS) {
    const filter = (path: string) => !LEFT_OUT.test(relative(ROOT, path));
    cpSync(join(ROOT, name), join(root, DOC, name), { recursive: true, filter });
  }
  put(root, `${DOC}/changelog.gz`, gzip(readFileSync(join(ROOT, 'CHANGELOG.md'))));
  setModes(root);
  return /\/\*!\n(.*?)\*\//s.exec(readFileSync(join(root, PROGRAM, 'cli.cjs'), 'utf8'))![1]!;
}

/** A file that all may read. */
export function put(root: string, path: string, content: string | Buffer): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** What the build's umask chose does not count. */
export function setModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else if (entry.isFile()) chmodSync(path, entry.name === 'knockproxy.cjs' ? 0o755 : 0o644);
  }
}

/** Node's own gzip depends on its version. */
export function gzip(content: string | Buffer): Buffer {
  return execFileSync('gzip', ['-9n'], { input: content });
}

/**
 * Seconds since 1970 for everything in a package: SOURCE_DATE_EPOCH, else the last commit's time, else the day of the
 * last release in CHANGELOG.md.
 */
export function sourceDateEpoch(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) return Number(given);
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  if (stdout?.trim()) return Number(stdout);
  const released = /^## \S+ - (\d{4}-\d\d-\d\d)$/m.exec(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'));
  return Date.parse(released![1]!) / 1000;
}

/** Of the packager: DEBFULLNAME and DEBEMAIL, as Debian's tools have it. */
export function packager(): string {
  const { DEBFULLNAME = 'the knockproxy authors', DEBEMAIL = 'knockproxy@localhost' } = process.env;
  return `${DEBFULLNAME} <${DEBEMAIL}>`;
}

export const VERSION = pkg.version;
export const SUMMARY = 'log in to SSH servers protected by port knocking';

function completion(shell: string): string {
  const program = join(ROOT, 'dist/knockproxy.cjs');
  return execFileSync(process.execPath, [program, 'completion', shell], { encoding: 'utf8' });
}
