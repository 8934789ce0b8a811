import { describe, expect, it } from 'vitest';
import { KEYWORDS } from '../../src/config/keywords.ts';
import { readSettings } from '../../src/config/settings.ts';
import { readOneTimeSequences } from '../../src/knockd/knockd-sequence.ts';
import { pairDoors } from '../../src/knockd/pair-doors.ts';
import { readKnockdConf } from '../../src/knockd/read-knockd-conf.ts';
import { parseHistory } from '../../src/plan/history-file.ts';
import { parseSequence } from '../../src/plan/sequence.ts';
import { evaluateConfig, findAliases, loadConfig } from '../../src/ssh-config/evaluate.ts';
import { KnockproxyError } from '../../src/util/errors.ts';
import { Random } from '../model/random.ts';
import { expectLinear, leastCpuMs } from './linear.ts';
import { seeds } from './seeds.ts';
import { CONFIG, fakeSystem, KNOCK } from './ssh-config/fake-system.ts';

/** Ports that stand for secrets: no message may hold one. */
const SECRETS = ['41373', '17895', '52948'];
const WANTED = new Map(KEYWORDS.flatMap(({ name, slot }) => (slot ? [[name.toLowerCase(), slot]] : [])));
const PIECES = [
  ...KEYWORDS.map(({ name }) => name),
  ...SECRETS,
  ...[
    'Host',
    'Match',
    'Include',
    'exec',
    'final',
    'all',
    'host',
    'user',
    '!',
    '*',
    '?',
    '"',
    "'",
    '\\',
    '#',
    '=',
  ],
  ...[
    '41373:udp',
    ',',
    ' ',
    '\t',
    '\n',
    '\r',
    '\0',
    '%h',
    '%%',
    '%',
    '~',
    '/',
    'none',
    'yes',
    'web',
    '\u00ff',
    '-',
  ],
  ...['0', '70000', '1e9', '[', ']', '{', '}', '$(id)', '`id`', '../..', 'KnockUnknown'],
];

function text(random: Random, most: number): string {
  const pieces = Array.from({ length: random.int(0, most) }, () => PIECES[random.int(0, PIECES.length - 1)]);
  return pieces.join(random.chance(0.5) ? ' ' : '');
}

/** Runs a parser; whatever it refuses, it refuses in one of our errors, without a secret. */
function survives(input: string, parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof KnockproxyError))
      throw new Error(`${(error as Error).stack}\non ${JSON.stringify(input)}`);
    const said = [error.message, ...error.hints].join('\n');
    expect(
      SECRETS.find((secret) => said.includes(secret)),
      input,
    ).toBeUndefined();
  }
}

function readConfig(knock: string, ssh: string): void {
  const system = fakeSystem({ [KNOCK]: { text: knock, mode: 0o100600 }, [CONFIG]: ssh });
  const query = { alias: 'web', host: 'web', port: 22 };
  const config = loadConfig({}, WANTED, system, { query });
  readSettings(evaluateConfig(config, query).settings);
  findAliases(config, { host: 'web', port: 22 });
}

describe.each(seeds('HOSTILE_SEED'))('hostile input, seed %i', (seed) => {
  it('30,000 configurations: no crash, no secret in any message', { timeout: 120_000 }, () => {
    const random = new Random(seed);
    for (let i = 0; i < 15_000; i++) {
      const [knock, ssh] = [text(random, 30), text(random, 30)];
      survives(knock + ssh, () => readConfig(knock, ''));
      survives(knock + ssh, () => readConfig('', ssh));
    }
  });

  it('20,000 sequences and state files: no crash, no secret in any message', () => {
    const random = new Random(seed);
    for (let i = 0; i < 10_000; i++) {
      const input = text(random, 12);
      survives(input, () => parseSequence(input));
      survives(input, () => parseHistory(input));
    }
  });
});

describe('long input', () => {
  it.each([
    ['blocks', (n: number) => 'Host web\nKnockDelay 1\n'.repeat(n)],
    ['patterns', (n: number) => `Host ${'a*b*c '.repeat(n)}\nKnockDelay 1\n`],
    ['stars', (n: number) => `Host ${'*a'.repeat(Math.min(n, 400))}\nKnockDelay 1\n`],
    ['quotes', (n: number) => `KnockSequence ${'"1" '.repeat(n)}\n`],
    ['one long line', (n: number) => `KnockSequence ${'41373,'.repeat(n)}\n`],
    ['blank lines', (n: number) => '\n \t\n'.repeat(n)],
    ['digits', (n: number) => `ConnectTimeout ${'1'.repeat(n)}x\n`],
    ['times', (n: number) => `ConnectTimeout ${'1m1'.repeat(n)}x\n`],
    ['stars of a glob', (n: number) => `Include /${'*a'.repeat(n)}b\n`],
    ['brackets of a glob', (n: number) => `Include /*${'['.repeat(n)}\n`],
    ['open variables', (n: number) => `Include /${'${'.repeat(n)}\n`],
    ['matches', (n: number) => 'Match host web,!db user me\nKnockDelay 1\n'.repeat(n)],
  ])('ten times as many %s take at most twenty times as long', (_, make) => {
    expectLinear((size) => {
      const input = make(size);
      survives(input, () => readConfig('', input));
    }, 2000);
  });

  it.each([
    ['blanks', (n: number) => `a${' '.repeat(4000)}b\n`.repeat(n)],
    ['braces', (n: number) => `[a]\nsequence=1\ncommand=nft add element ${'{ '.repeat(1900)}\n`.repeat(n)],
    [
      'timeouts',
      (n: number) => `[a]\nsequence=1\ncommand=nft add element s { '${' '.repeat(3900)}' }\n`.repeat(n),
    ],
    ['options', (n: number) => `[a]\nsequence=1\ncommand=firewall-cmd ${'--add-'.repeat(600)}\n`.repeat(n)],
    ['redirections', (n: number) => `[a]\nsequence=1\ncommand=iptables ${' 1>&'.repeat(900)}\n`.repeat(n)],
  ])('a knockd.conf of 100 lines with %s takes less than half a second', (_, make) => {
    const input = make(100);
    const ms = leastCpuMs(() => {
      survives(input, () => pairDoors(readKnockdConf(input, '/k').doors));
      survives(input, () => readOneTimeSequences(input));
    });
    expect(ms).toBeLessThan(500);
  });
});
