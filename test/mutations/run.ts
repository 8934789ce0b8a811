// Applies each mutation to a copy of the sources and runs its tests there: npm run mutations [WORD], in minutes.
// Exits with 1 if one survives or no longer applies. WORD: only those whose file or description contains it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MUTATIONS, type Mutation } from './mutations.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const LEFT_OUT = ['.git', 'dist', 'node_modules'];

type Outcome = 'caught' | 'SURVIVED' | 'NO LONGER APPLIES' | 'DOES NOT RUN';

function main(): void {
  const [word = ''] = process.argv.slice(2);
  const chosen = MUTATIONS.filter(({ file, breaks }) => `${file} ${breaks}`.includes(word));
  const copy = copySources();
  try {
    const { outcome, failed } = runTests(copy, [...new Set(chosen.flatMap(({ tests }) => tests))]);
    if (outcome !== 'SURVIVED') throw new Error(`without a mutation: ${outcome}\n${failed.join('\n')}`);
    for (const mutation of chosen) {
      const outcome = tryMutation(copy, mutation);
      console.log(`${outcome.padEnd(17)}  ${mutation.file}: ${mutation.breaks}`);
      if (outcome !== 'caught') process.exitCode = 1;
    }
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
}

function copySources(): string {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-mutations-'));
  const isWanted = (file: string) => !LEFT_OUT.includes(path.relative(REPOSITORY, file));
  fs.cpSync(REPOSITORY, copy, { recursive: true, filter: isWanted });
  fs.symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

function tryMutation(copy: string, { file, text, replacement, tests }: Mutation): Outcome {
  const mutated = path.join(copy, file);
  const parts = fs.existsSync(mutated) ? fs.readFileSync(mutated, 'utf8').split(text) : [];
  if (parts.length !== 2) return 'NO LONGER APPLIES';
  fs.writeFileSync(mutated, parts.join(replacement));
  try {
    return runTests(copy, tests).outcome;
  } finally {
    fs.writeFileSync(mutated, parts.join(text));
  }
}

interface TestRun {
  readonly outcome: Outcome;
  /** The names of the tests that failed. */
  readonly failed: readonly string[];
}

/** Only a test that ran and failed has caught something. */
function runTests(copy: string, tests: readonly string[]): TestRun {
  const broken: TestRun = { outcome: 'DOES NOT RUN', failed: [] };
  const run = (file: string, args: readonly string[]) =>
    spawnSync(process.execPath, [path.join(copy, file), ...args], {
      cwd: copy,
      env: { ...process.env, CI: '' },
    });
  const isBuilt = tests.some((test) => !test.startsWith('test/unit/'));
  if (isBuilt && run('scripts/build.mjs', []).status !== 0) return broken;
  const report = path.join(copy, 'report.json');
  fs.rmSync(report, { force: true });
  run('node_modules/vitest/vitest.mjs', ['run', '--reporter=json', `--outputFile=${report}`, ...tests]);
  if (!fs.existsSync(report)) return broken;
  const { numPassedTests, success, testResults } = JSON.parse(fs.readFileSync(report, 'utf8')) as Report;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  if (failed.length > 0) return { outcome: 'caught', failed };
  return success && numPassedTests > 0 ? { outcome: 'SURVIVED', failed } : broken;
}

/** What vitest's JSON reporter writes. */
interface Report {
  readonly numPassedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

main();
