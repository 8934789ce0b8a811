import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { writeReadmePart } from './publish.ts';

/** Runs bench/certain.ts, a program of its own: its table goes into the README, its figures into results/certain.json. */
export function runCertain(): void {
  const [program, results] = ['../certain.ts', '../results/certain.json'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  ) as [string, string];
  const rounds = process.env.BENCH_ROUNDS === undefined ? [] : ['--rounds', process.env.BENCH_ROUNDS];
  const { stdout, status } = spawnSync(process.execPath, ['--import', 'tsx', program, ...rounds], {
    env: { ...process.env, CERTAIN_JSON: results },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(stdout);
  if (stdout.includes('| --- |')) writeReadmePart('certain', stdout.trim());
  if (status !== 0) process.exitCode = 1;
}
