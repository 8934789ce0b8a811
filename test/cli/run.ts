import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The built program, as npm installs it. */
export const PROGRAM = fileURLToPath(new URL('../../dist/knockproxy.cjs', import.meta.url));

/** What runs it: vitest's own Node, or the one that the CI's matrix names, for a version on which vitest does not run. */
export const NODE = process.env.KNOCKPROXY_TEST_NODE ?? process.execPath;

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time in milliseconds. */
  readonly ms: number;
}

export interface RunOptions {
  /** Written to stdin, which is closed after it; undefined: closed at once. */
  readonly stdin?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  /** Leaves stdin open. */
  readonly keepOpen?: boolean;
}

let home: string | undefined;
afterAll(() => {
  if (home !== undefined) fs.rmSync(home, { recursive: true, force: true });
});

/** No test reads or writes what its user has learned. Made when needed: afterAll is not run where all tests are skipped. */
function ownFolders(): NodeJS.ProcessEnv {
  home ??= fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-cli-'));
  return { XDG_STATE_HOME: `${home}/state`, XDG_RUNTIME_DIR: `${home}/run` };
}

/** Starts the built program with pipes on all three streams. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(NODE, [PROGRAM, ...args], {
    env: { ...process.env, ...ownFolders(), ...env },
    stdio: 'pipe',
  });
}

/** Runs the built program to its end. Node's own warnings on stderr fail the test that compares it. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const startedMs = performance.now();
  const child = start(args, options.env);
  const streams = { stdout: '', stderr: '' };
  child.stdin!.on('error', () => {});
  if (options.stdin !== undefined) child.stdin!.write(options.stdin);
  if (!options.keepOpen) child.stdin!.end();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('latin1').on('data', (text) => {
      streams[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...streams, ms: performance.now() - startedMs });
    });
  });
}
