import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type ConfigSystem,
  destinationOf,
  evaluateConfig,
  findAliases,
  loadConfig,
} from '../../src/ssh-config/evaluate.ts';
import { hostIndex } from '../../src/ssh-config/host-index.ts';
import { realSystem } from '../../src/ssh-config/system.ts';
import { withExec } from '../../src/ssh-config/with-exec.ts';
import { fromBytes } from '../../src/util/bytes.ts';
import { KnockproxyError } from '../../src/util/errors.ts';
import { evaluate } from '../unit/ssh-config/load-and-evaluate.ts';
import { type Case, randomCase } from './random-config.ts';
import { type Answer, askSsh, type Question } from './ssh-g.ts';

/** How many configs to compare in each way and the seed of the first; set to look further, or at one case again. */
const CASES = Number(process.env.ORACLE_CASES ?? 300);
const FIRST_SEED = Number(process.env.ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PARALLEL = 2;
const BATCH = 25;
const DEFAULT_XAUTH = '/usr/bin/xauth';

const hasSsh = spawnSync('ssh', ['-V']).status === 0;
if (!hasSsh && process.env.CI) throw new Error('the oracle tests need ssh');
if (!hasSsh) console.log('skipped: no ssh to compare with');

const root = hasSsh ? fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-oracle-')) : '';
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** A config on disk. */
interface Placed extends Case {
  readonly seed: number;
  readonly home: string;
}

/** What one way of asking found. */
type Finding = Readonly<Record<string, string>>;

/** How knockproxy is asked for a host, and what ssh has to say for the same. */
interface Way {
  readonly name: string;
  make(seed: number, home: string): Case;
  /** ssh's findings, one a config; undefined where ssh refuses the file. */
  theirs(cases: readonly Placed[]): Promise<(Finding | undefined)[]>;
  /** Ours, given theirs. */
  ours(config: Placed, theirs: Finding | undefined): Finding;
}

/** `knockproxy knock NAME`, `open`, `close`, `check`. */
const TYPED: Way = {
  name: 'a name as typed',
  make: (seed, home) => ({ ...randomCase(seed, home), user: undefined }),
  async theirs(cases) {
    return (await askSsh(cases)).map((answer) => answer && findingOf(answer));
  },
  ours({ home, alias, port }) {
    const config = load(home);
    const destination = destinationOf(config, { alias: fromBytes(alias), port });
    return { ...nameParts(destination), xauth: xauthOf(evaluateConfig(config, destination).settings) };
  },
};

/** HOST PORT ALIAS USER; ssh does not pass on which of them came from its command line. */
const PROXY: Way = {
  name: 'HOST PORT ALIAS USER',
  make: randomCase,
  async theirs(cases) {
    const answers = await askSsh(cases);
    const guesses = cases.map((config, at) => assumptions(config, answers[at]));
    const asked = await askSsh(guesses.flat());
    return guesses.map((guess, at) => {
      const own = asked.splice(0, guess.length);
      const found = [...own, answers[at]].find((answer) => isSameEnd(answer, answers[at]));
      return found && findingOf(found);
    });
  },
  ours({ home, alias }, theirs) {
    if (!theirs) return { xauth: xauthOf(evaluateConfig(load(home), { alias, port: 22 }).settings) };
    const { host = '', user = '', port } = theirs;
    const query = { alias: fromBytes(alias), host, port: Number(port), user };
    return { host, port: String(port), user, xauth: xauthOf(evaluateConfig(load(home), query).settings) };
  },
};

/** HOST PORT: every name that leads there. */
const ADDRESS: Way = {
  name: 'HOST PORT',
  make: (seed, home) => ({
    ...randomCase(seed, home, { execFails: true }),
    user: undefined,
    port: undefined,
  }),
  async theirs(cases) {
    const names = cases.map(({ home, alias }) => [alias, ...namesIn(home)]);
    const asked = await askSsh(cases.flatMap(({ home }, at) => names[at]!.map((alias) => ({ home, alias }))));
    return names.map((each) => {
      const [first, ...others] = asked.splice(0, each.length).map((answer) => answer && findingOf(answer));
      if (!first) return undefined;
      const { host = '', port = '' } = first;
      const found = each.slice(1).flatMap((alias, at) => {
        const other = others[at];
        return other?.host === host && other.port === port ? [[fromBytes(alias), other.xauth!]] : [];
      });
      return { host, port, ...Object.fromEntries(found) };
    });
  },
  ours({ home }, theirs) {
    const { host = 'nowhere', port = '22' } = theirs ?? {};
    const groups = findAliases(load(home), { host, port: Number(port) });
    const found = groups.flatMap(({ aliases, evaluation }) =>
      aliases.filter(isForSsh).map((alias) => [alias, xauthOf(evaluation.settings)]),
    );
    return { host, port, ...Object.fromEntries(found) };
  },
};

describe.skipIf(!hasSsh)(`finds what ssh -G finds, first seed ${FIRST_SEED}`, () => {
  test.each([TYPED, PROXY, ADDRESS])(
    `for $name (${CASES} configs)`,
    async (way) => {
      const count = { found: 0, refused: 0, default: 0 };
      let next = 0;
      let failure: unknown;
      const worker = async (id: number) => {
        while (next < CASES && !failure) {
          const size = Math.min(BATCH, CASES - next);
          const first = FIRST_SEED + next;
          next += size;
          for (const result of await compareBatch(
            way,
            first,
            size,
            path.join(root, `${way.name.replaceAll(' ', '-')}-${id}`),
          ))
            count[result]++;
        }
      };
      // All have stopped before the folder goes.
      const stop = (error: unknown) => {
        failure ??= error;
      };
      await Promise.all(Array.from({ length: PARALLEL }, (_, id) => worker(id).catch(stop)));
      if (failure) throw failure;
      console.log(
        `${way.name}, first seed ${FIRST_SEED}: ${count.found} configs with an equal value, ` +
          `${count.default} without a value on both sides, ${count.refused} refused by ssh`,
      );
      if (CASES >= 300) expect(count.found).toBeGreaterThan(CASES / 20);
    },
    Math.max(120_000, CASES * 2000),
  );
});

test.skipIf(!hasSsh)('expands the tokens of Match exec as ssh does', async () => {
  const home = path.join(root, 'tokens');
  const written = path.join(home, 'written');
  const tokens = ['%%', '%C', '%L', '%d', '%h', '%i', '%k', '%l', '%n', '%p', '%r', '%u'].join('|');
  const exec = `Match exec "echo '${tokens}' >> ${written}"\n`;
  const config =
    `${exec}HostKeyAlias key\nHostName %h.example\nUser bob\nPort 2222\n` +
    `Match all\nHostKeyAlias key\nHostName %h.example\nUser bob\nPort 2222\n${exec}XAuthLocation /x\n`;
  writeFiles({ files: new Map([['config', config]]), alias: 'foo', user: undefined, port: undefined }, home);
  const env = { ...process.env, HOME: home, SHELL: '/bin/sh' };
  spawnSync('ssh', ['-G', '-F', path.join(home, 'config'), 'foo'], { env });
  const theirs = fs.readFileSync(written, 'utf8');
  fs.rmSync(written);
  const files = { knock: 'none', user: path.join(home, 'config'), userIsExplicit: true };
  const wanted = new Map([['xauthlocation', 'x']]);
  const query = { alias: 'foo', host: 'foo.example', port: 2222, user: 'bob' };
  const read = (system: ConfigSystem) => evaluate(query, files, wanted, system);
  const { settings } = await withExec(read, realSystem(env));
  expect(settings.get('x')?.words).toEqual(['/x']);
  expect(theirs.split('\n')).toHaveLength(3);
  expect(fs.readFileSync(written, 'utf8')).toBe(theirs);
});

type Result = 'found' | 'default' | 'refused';

async function compareBatch(way: Way, first: number, size: number, folder: string): Promise<Result[]> {
  fs.rmSync(folder, { recursive: true, force: true });
  const cases = Array.from({ length: size }, (_, i): Placed => {
    const home = path.join(folder, String(first + i));
    const made = way.make(first + i, home);
    writeFiles(made, home);
    return { ...made, seed: first + i, home };
  });
  const theirs = await way.theirs(cases);
  return cases.map((config, at) => compare(way, config, theirs[at]));
}

function compare(way: Way, config: Placed, theirs: Finding | undefined): Result {
  let ours: Finding;
  try {
    ours = way.ours(config, theirs);
  } catch (error) {
    if (!theirs && error instanceof KnockproxyError) return 'refused';
    throw new Error(`${describeCase(config)}\n${error}`, { cause: error });
  }
  if (!theirs) return 'refused';
  expect(ours, describeCase(config)).toEqual(theirs);
  return Object.values(ours).some((value) => /^\S*v\d/.test(value)) ? 'found' : 'default';
}

function findingOf(answer: NonNullable<Answer>): Finding {
  const value = (keyword: string) => fromBytes(answer.get(keyword)!);
  return { host: value('hostname'), port: value('port'), user: value('user'), xauth: value('xauthlocation') };
}

function nameParts({ host, port, user }: { host: string; port: number; user: string }): Finding {
  return { host, port: String(port), user };
}

function xauthOf(settings: ReturnType<typeof evaluateConfig>['settings']): string {
  return settings.get('xauthlocation')?.words[0] ?? DEFAULT_XAUTH;
}

/** Command lines with fewer options that may end the same; a ProxyCommand only gets the end. */
function assumptions({ home, alias, user, port }: Placed, answer: Answer): Question[] {
  if (!answer || (user === undefined && port === undefined)) return [];
  const end = { user: fromBytes(answer.get('user')!), port: Number(answer.get('port')) };
  return [{}, { user: end.user }, { port: end.port }].map((given) => ({ home, alias, ...given }));
}

function isSameEnd(answer: Answer, end: Answer): boolean {
  return ['user', 'port'].every((keyword) => answer?.get(keyword) === end?.get(keyword));
}

/** ssh takes others (a comma, a quote) from no command line. */
function isForSsh(name: string): boolean {
  return /^[\w.\x80-\uffff-]+$/.test(name);
}

/** The names that Host lines spell out. */
function namesIn(home: string): string[] {
  try {
    return [...hostIndex(load(home).ssh).names()].filter(isForSsh);
  } catch {
    return [];
  }
}

function load(home: string) {
  const files = { knock: 'none', user: path.join(home, 'config'), userIsExplicit: true };
  return loadConfig(files, new Map([['xauthlocation', 'xauthlocation']]), systemFor(home));
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

function describeCase({ files, alias, user, port, seed }: Placed): string {
  const shown = [...files].map(
    ([name, text]) => `--- ${name}\n${JSON.stringify(text).replaceAll('\\n', '\\n\n')}`,
  );
  return `seed ${seed} (ORACLE_SEED=${seed} ORACLE_CASES=1): ssh ${alias} user ${user} port ${port}\n${shown.join('\n')}`;
}
