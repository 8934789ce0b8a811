import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as sshConfig from 'ssh-config';
import { afterAll, expect, test } from 'vitest';
import { EditedConfig } from './edited-config.ts';
import { NAMES, randomCase, seeded } from './random-config.ts';
import { randomPersonalConfig } from './random-personal-config.ts';
import { askSsh } from './ssh-g.ts';

/** How many configs to edit and the seed of the first; set to look further, or at one case again. */
const CASES = Number(process.env.EDITS_CASES ?? 6);
const FIRST_SEED = Number(process.env.EDITS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const OPERATIONS = 8;
/** Names of which ssh is asked, or that are edited, in one config. */
const FEW = 5;
/** Editing one takes far less time than asking ssh about it. */
const CASES_WITHOUT_SSH = CASES * 6;

const hasSsh = spawnSync('ssh', ['-V']).status === 0;
if (!hasSsh && process.env.CI) throw new Error('the oracle tests need ssh');
if (!hasSsh) console.log('skipped: no ssh to compare with');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-edits-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const HOSTS = [...NAMES.filter((name) => /^[\w.-]+$/.test(name)), 'inc1', 'other'];

interface Count {
  made: number;
  refused: number;
}

/** Random edits of a random config; `look` is called first, and after each with the hosts that it was for. */
async function edit(
  seed: number,
  look: (config: EditedConfig, edited: readonly string[]) => Promise<void>,
): Promise<Count> {
  const home = path.join(root, String(seed));
  const random = seeded(seed);
  const { files } = seed % 3 === 0 ? randomCase(seed, home) : randomPersonalConfig(seed, home);
  const names = shuffled(HOSTS, random).slice(0, FEW);
  const config = new EditedConfig({ home, files, names }, sshConfig);
  const count = { made: 0, refused: 0 };
  try {
    if (!config.isValid()) return count;
    await look(config, []);
    for (let i = 0; i < OPERATIONS; i++) {
      const host = pick(config.names, random);
      if (random() < 0.15) {
        config.repair();
        await look(config, [...config.added]);
      }
      const isMade = config.editAtRandom(host, random);
      count[isMade ? 'made' : 'refused']++;
      if (isMade) await look(config, [host]);
    }
    config.repair();
    await look(config, [...config.added]);
    for (const host of shuffled(config.added, random)) {
      config.remove(host);
      await look(config, [host]);
    }
    expect(config.texts()).toEqual(config.original);
    return count;
  } catch (error) {
    throw new Error(`EDITS_SEED=${seed} EDITS_CASES=1\n${config.describe()}\n${error}`, { cause: error });
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

test(`edits in any order come out again byte for byte, first seed ${FIRST_SEED}`, async () => {
  const total = { made: 0, refused: 0 };
  for (let at = 0; at < CASES_WITHOUT_SSH; at++) {
    const { made, refused } = await edit(FIRST_SEED + at, async () => {});
    total.made += made;
    total.refused += refused;
  }
  console.log(`first seed ${FIRST_SEED}: ${total.made} edits made, ${total.refused} refused`);
  if (CASES > 1) expect(total.made).toBeGreaterThan(total.refused);
}, 600_000);

test.skipIf(!hasSsh)(
  `ssh -G of all other hosts never changes, first seed ${FIRST_SEED}`,
  async () => {
    let answers = 0;
    for (let at = 0; at < CASES; at++) {
      let before: ReadonlyMap<string, string | undefined> = new Map();
      await edit(FIRST_SEED + at, async (config, edited) => {
        const hosts = config.names.filter((host) => !config.mayChangeWithAnother(host));
        config.write();
        const found = await askSsh(hosts.map((alias) => ({ home: config.home, alias })));
        const now = new Map(hosts.map((host, i) => [host, found[i] && JSON.stringify([...found[i]])]));
        for (const [host, answer] of before)
          if (!edited.includes(host))
            expect(now.get(host), `${host}, after an edit for ${edited}`).toBe(answer);
        before = now;
        answers += found.filter((answer) => answer !== undefined).length;
      });
    }
    console.log(`first seed ${FIRST_SEED}: ${answers} answers of ssh -G`);
    if (CASES > 1) expect(answers).toBeGreaterThan(CASES * 10);
  },
  600_000,
);

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!;
}

function shuffled(from: Iterable<string>, random: () => number): string[] {
  return [...from]
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
