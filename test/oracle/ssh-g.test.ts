import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ConfigSystem, Query } from '../../src/ssh-config/evaluate.ts';
import { expandHostName } from '../../src/ssh-config/expand.ts';
import { realSystem } from '../../src/ssh-config/system.ts';
import { withExec } from '../../src/ssh-config/with-exec.ts';
import { fromBytes, lowerAscii, toBytes } from '../../src/util/bytes.ts';
import { KnockproxyError } from '../../src/util/errors.ts';
import { evaluate } from '../unit/ssh-config/load-and-evaluate.ts';
import { type Case, randomCase } from './random-config.ts';

/** How many configs to compare and the seed of the first; set to look further, or at one case again. */
const CASES = Number(process.env.ORACLE_CASES ?? 5000);
const FIRST_SEED = Number(process.env.ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PARALLEL = 2;
/** Cases a shell runs ssh for in turn, which is quicker than starting each ssh from here. */
const BATCH = 25;
const DEFAULT_XAUTH = '/usr/bin/xauth';

const hasSsh = spawnSync('ssh', ['-V']).status === 0;
if (!hasSsh && process.env.CI) throw new Error('the oracle tests need ssh');
if (!hasSsh) console.log('skipped: no ssh to compare with');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-oracle-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

test.skipIf(!hasSsh)(
  `finds what ssh -G finds (${CASES} configs)`,
  async () => {
    let next = 0;
    const count = { same: 0, refused: 0, found: 0 };
    let failure: unknown;
    const worker = async (id: number) => {
      while (next < CASES && !failure) {
        const size = Math.min(BATCH, CASES - next);
        const first = FIRST_SEED + next;
        next += size;
        const folder = path.join(root, String(id));
        for (const result of await compareBatch(first, size, folder)) count[result]++;
      }
    };
    // All have stopped before the folder goes.
    const stop = (error: unknown) => {
      failure ??= error;
    };
    await Promise.all(Array.from({ length: PARALLEL }, (_, id) => worker(id).catch(stop)));
    if (failure) throw failure;
    console.log(
      `first seed ${FIRST_SEED}: ${count.found} configs with an equal value, ${count.same} without a value ` +
        `on both sides, ${count.refused} refused by ssh`,
    );
    if (CASES >= 1000) expect(count.found).toBeGreaterThan(CASES / 4);
  },
  Math.max(120_000, CASES * 40),
);

test.skipIf(!hasSsh)('expands the tokens of Match exec as ssh does', async () => {
  const home = path.join(root, 'tokens');
  const written = path.join(home, 'written');
  const tokens = ['%%', '%C', '%L', '%d', '%h', '%i', '%k', '%l', '%n', '%p', '%r', '%u'].join('|');
  const config =
    `HostKeyAlias key\nHostName %h.example\nUser bob\n` +
    `Match exec "echo '${tokens}' >> ${written}"\nXAuthLocation /x\n`;
  writeFiles({ files: new Map([['config', config]]), alias: 'foo', user: undefined, port: undefined }, home);
  const env = { ...process.env, HOME: home, SHELL: '/bin/sh' };
  spawnSync('ssh', ['-G', '-p', '2222', '-F', path.join(home, 'config'), 'foo'], { env });
  const files = { knock: 'none', user: path.join(home, 'config'), userIsExplicit: true };
  const wanted = new Map([['xauthlocation', 'x']]);
  const read = (system: ConfigSystem) => evaluate({ alias: 'foo', port: 2222 }, files, wanted, system);
  const { settings } = await withExec(read, realSystem(env));
  expect(settings.get('x')?.words).toEqual(['/x']);
  const [theirs, ours] = fs.readFileSync(written, 'utf8').split('\n');
  expect(theirs).toContain('foo.example');
  expect(ours).toBe(theirs);
});

type Result = 'found' | 'same' | 'refused';

async function compareBatch(first: number, size: number, folder: string): Promise<Result[]> {
  const seeds = Array.from({ length: size }, (_, i) => first + i);
  fs.rmSync(folder, { recursive: true, force: true });
  const cases = seeds.map((seed) => {
    const home = path.join(folder, String(seed));
    const testCase = randomCase(seed, home);
    writeFiles(testCase, home);
    return { seed, home, testCase };
  });
  await runShell(cases.map(({ home, testCase }) => sshCommand(testCase, home)).join('\n'));
  return cases.map(({ seed, home, testCase }) => compare(testCase, seed, home));
}

function compare(testCase: Case, seed: number, home: string): Result {
  const theirs = readAnswer(path.join(home, 'answer'));
  const query: Query = {
    alias: fromBytes(testCase.alias),
    port: Number(theirs?.get('port') ?? 22),
    ...(testCase.user !== undefined && { user: testCase.user }),
    ...(seed % 2 === 0 && theirs && { host: fromBytes(theirs.get('hostname')!) }),
  };
  let ours: ReturnType<typeof evaluateCase>;
  try {
    ours = evaluateCase(query, home, seed % 3 === 0);
  } catch (error) {
    if (!theirs && error instanceof KnockproxyError) return 'refused';
    throw new Error(`${describe(testCase, seed)}\n${error}`, { cause: error });
  }
  if (!theirs) return 'refused';
  for (const [keyword, value] of ours) {
    const expected = fromBytes(theirs.get(keyword)!);
    if (value === expected) continue;
    throw new Error(`${describe(testCase, seed)}\n${keyword}: ssh ${expected}, we ${value}`);
  }
  return ours.get('xauthlocation') === DEFAULT_XAUTH ? 'same' : 'found';
}

/** What ssh would print for the wanted keywords, by our evaluation. */
function evaluateCase(query: Query, home: string, all: boolean): Map<string, string> {
  const keywords = all ? ['xauthlocation', 'port', 'user', 'hostname'] : ['xauthlocation'];
  const files = { knock: 'none', user: path.join(home, 'config'), userIsExplicit: true };
  const wanted = new Map(keywords.map((keyword) => [keyword, keyword]));
  const { settings } = evaluate(query, files, wanted, systemFor(home));
  const user = query.user ?? settings.get('user')?.words[0] ?? os.userInfo().username;
  const xauth = settings.get('xauthlocation')?.words[0] ?? DEFAULT_XAUTH;
  const named = toBytes(settings.get('hostname')?.words[0] ?? query.alias);
  const hostname = fromBytes(lowerAscii(expandHostName(named, toBytes(query.alias))));
  const printed: Record<string, string> = { xauthlocation: xauth, user, hostname, port: String(query.port) };
  return new Map(keywords.map((keyword) => [keyword, printed[keyword]!]));
}

const version = hasSsh ? realSystem().sshVersion() : '';
const exitStatuses = new Map<string, number>();

/** The real system with that $HOME; what cannot change from case to case is asked for once. */
function systemFor(home: string): ConfigSystem {
  const real = realSystem({ ...process.env, HOME: home });
  return {
    ...real,
    sshVersion: () => version,
    exec(command) {
      const status = exitStatuses.get(command) ?? spawnSync('/bin/sh', ['-c', command]).status ?? -1;
      exitStatuses.set(command, status);
      return status;
    },
  };
}

function writeFiles({ files }: Case, folder: string): void {
  for (const [name, text] of files) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, Buffer.from(text, 'latin1'), { mode: 0o600 });
  }
}

function sshCommand({ alias, user, port }: Case, home: string): string {
  const options = `${user ? `-l ${user} ` : ''}${port ? `-p ${port} ` : ''}`;
  return `cd ${home} && HOME=${home} ssh -G -F ${home}/config ${options}-- ${fromBytes(alias)} >answer 2>/dev/null || rm answer`;
}

function runShell(script: string): Promise<void> {
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', script], { env: { ...process.env, SHELL: '/bin/sh' } }, () => resolve());
  });
}

/** keyword -> value as `ssh -G` prints it; undefined where ssh refuses the file. */
function readAnswer(file: string): Map<string, string> | undefined {
  if (!fs.existsSync(file)) return undefined;
  return new Map(
    fs
      .readFileSync(file, 'latin1')
      .split('\n')
      .map((line): [string, string] => {
        const space = line.indexOf(' ');
        return [line.slice(0, space), line.slice(space + 1)];
      }),
  );
}

function describe({ files, alias, user, port }: Case, seed: number): string {
  const shown = [...files].map(
    ([name, text]) => `--- ${name}\n${JSON.stringify(text).replaceAll('\\n', '\\n\n')}`,
  );
  return `seed ${seed} (ORACLE_SEED=${seed} ORACLE_CASES=1): ssh ${alias} user ${user} port ${port}\n${shown.join('\n')}`;
}
