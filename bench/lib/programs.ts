import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REPOSITORY } from '../../test/netns/index.ts';

let copied: string | undefined;

/** Path of the program under test: a copy of dist/ made once a run, so that a build meanwhile changes nothing. */
export function programUnderTest(): string {
  if (copied === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'knockproxy-bench-'));
    cpSync(`${REPOSITORY}/dist`, folder, { recursive: true });
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    copied = join(folder, 'knockproxy.cjs');
  }
  return copied;
}

/** The first digits of the SHA-256 of the file that ssh runs. */
export function programHash(): string {
  return hash(programUnderTest());
}

/** Path of bench/NAME.c, compiled at first use and kept in node_modules/.cache by a hash of its source. */
export function compiled(name: 'limit' | 'stopwatch' | 'transfer'): string {
  const source = fileURLToPath(new URL(`../${name}.c`, import.meta.url));
  const cache = `${REPOSITORY}/node_modules/.cache/knockproxy`;
  const program = `${cache}/${name}-${hash(source)}`;
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const fresh = `${program}.${randomBytes(4).toString('hex')}`;
  execFileSync('cc', ['-O2', '-Wall', '-o', fresh, source], { stdio: ['ignore', 'inherit', 'inherit'] });
  renameSync(fresh, program);
  return program;
}

function hash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}
