import { expect, test } from 'vitest';
import {
  type ConfigFiles,
  evaluateConfig,
  findAliases,
  loadConfig,
} from '../../../src/ssh-config/evaluate.ts';
import { expandHostName } from '../../../src/ssh-config/expand.ts';
import { hostIndex } from '../../../src/ssh-config/host-index.ts';
import { readPort } from '../../../src/ssh-config/read-port.ts';
import { fromBytes } from '../../../src/util/bytes.ts';
import { randomCase } from '../../oracle/random-config.ts';
import { fakeSystem } from './fake-system.ts';

const FILES: ConfigFiles = { knock: 'none', user: '/h/config', userIsExplicit: true };
const CASES = 3000;
const FIRST_SEED = Number(process.env.ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`finds the aliases that reading the files for each name finds (${CASES} configs)`, () => {
  let found = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
    const system = systemOf(seed);
    const load = (keywords: string[]) =>
      loadConfig(FILES, new Map(keywords.map((name) => [name, name])), system);
    let plain: ReturnType<typeof load>;
    try {
      plain = load(['xauthlocation']);
    } catch {
      continue;
    }
    const full = load(['xauthlocation', 'hostname', 'port']);
    const expected = new Map<string, string[]>();
    for (const name of hostIndex(plain.ssh).names()) {
      const alias = fromBytes(name);
      const { settings } = evaluateConfig(full, { alias, port: 22 });
      const host = expandHostName(settings.get('hostname')?.words[0] ?? alias, alias);
      const key = `${host.toLowerCase()}\n${readPort(settings.get('port')?.words[0], system)}`;
      const value = `${alias}: ${settings.get('xauthlocation')?.raw}`;
      expected.set(key, [...(expected.get(key) ?? []), value]);
    }
    for (const key of [...expected.keys(), 'nowhere\n22']) {
      const [host, port] = key.split('\n') as [string, string];
      const groups = findAliases(plain, { host, port: Number(port) });
      const ours = groups.flatMap(({ aliases, evaluation: { settings } }) =>
        aliases.map((alias) => `${alias}: ${settings.get('xauthlocation')?.raw}`),
      );
      expect(ours.sort(), `seed ${seed}: ${key}`).toEqual((expected.get(key) ?? []).sort());
      found += ours.length;
    }
  }
  expect(found).toBeGreaterThan(CASES);
});

function systemOf(seed: number) {
  const { files } = randomCase(seed, '/h');
  const byPath = [...files].map(([name, text]) => [`/h/${name}`, text]);
  // A command that fails counts as false, just as one that is not run.
  return fakeSystem(Object.fromEntries(byPath), { env: () => '/h', exec: () => 1 });
}
