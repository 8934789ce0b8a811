import { expect, it } from 'vitest';
import { readRc } from '../../../../src/plan/fwknop/fwknoprc.ts';
import { readKeyFile } from '../../../../src/plan/fwknop/key-file.ts';
import { planRequest } from '../../../../src/plan/fwknop/spa-plan.ts';
import { KnockproxyError } from '../../../../src/util/errors.ts';
import { Random } from '../../../model/random.ts';
import { expectLinear } from '../../linear.ts';
import { seeds } from '../../seeds.ts';

const CASES = 100_000;
/** Runs of these stand in every key below, and in nothing else. */
const SECRETS = ['zQ7zQ7zQ7zQ7', 'wX9wX9wX9wX9', 'jK3jK3jK3jK3'];
const [KEY, HMAC, RAW] = SECRETS;
const KEY_LINES = `KEY_BASE64: ${KEY}${KEY}\nHMAC_KEY_BASE64: ${HMAC}${HMAC}\n`;
const RC = `# mine
[default]
ALLOW_IP source
FW_TIMEOUT 30
[host]
SPA_SERVER 192.0.2.1
ACCESS tcp/22,udp/53
KEY_BASE64 ${KEY}${KEY}${KEY}=
HMAC_KEY_BASE64: ${HMAC}${HMAC}; # key
HMAC_DIGEST_TYPE sha512
NAT_ACCESS 10.0.0.2,22
TIME_OFFSET -2m
[raw]
KEY ${RAW}
`;
const PIECES = [
  ...RC.split(/(?<=\n| )/),
  '[',
  ']',
  '\n',
  '\0',
  ':',
  '=',
  '#',
  ';',
  ' ',
  '\t',
  '\r',
  '\v',
  '\xff',
  '[host]\n',
];

it.each(seeds('FWKNOPRC_SEED'))(
  `survives ${CASES} mutated files, seed %i, without showing a key`,
  { timeout: 60_000 },
  (seed) => {
    const random = new Random(seed);
    const count = { read: 0, refused: 0 };
    for (let n = 0; n < CASES; n++) {
      const text = mutate(n % 8 === 0 ? KEY_LINES : RC, random);
      try {
        const settings =
          n % 8 === 0 ? readKeyFile(text, 'file') : readRc(text, n % 2 ? 'host' : 'raw', 'file');
        planRequest(settings, { host: 'h', port: 22, user: 'u', where: { file: 'config', line: 1 } });
        count.read++;
      } catch (error) {
        if (!(error instanceof KnockproxyError) || leaks(error))
          throw new Error(`case ${n}`, { cause: error });
        count.refused++;
      }
    }
    expect(count.read).toBeGreaterThan(CASES / 20);
    expect(count.refused).toBeGreaterThan(CASES / 20);
  },
);

it.each([
  ['lines', '[host]\n', 'KEY k\n'],
  ['colons', '[host]\nKEY', ':'],
  ['blanks', '[host]\nKEY', ' '],
  ['NULs', '[host]\nKEY', '\0'],
  ['stanzas', '', '[host]\n'],
  ['open stanzas', '[host]\n', '['],
  ['digits', '[host]\nFW_TIMEOUT ', '9'],
  ['dots', '[host]\nNAT_ACCESS ', 'a.'],
  ['line breaks', '[host]', '\n'],
])('reads megabytes of %s in linear time', (_, start, repeated) => {
  expectLinear((bytes) => {
    const text = start + repeated.repeat(bytes / repeated.length);
    try {
      readRc(text, 'host', 'file');
    } catch (error) {
      expect(error).toBeInstanceOf(KnockproxyError);
    }
  }, 200_000);
});

function mutate(text: string, random: Random): string {
  let result = text;
  for (let edits = random.int(1, 4); edits > 0; edits--) {
    const at = random.int(0, result.length);
    const cut = random.chance(0.5) ? random.int(0, 12) : 0;
    const piece = random.chance(0.6) ? random.pick(PIECES) : String.fromCharCode(random.int(0, 255));
    result = result.slice(0, at) + (random.chance(0.8) ? piece : '') + result.slice(at + cut);
  }
  return result;
}

/** Four characters in a row of a key are something of it. */
function leaks(error: KnockproxyError): boolean {
  const said = [error.message, ...error.hints, String(error.cause ?? '')].join('\n');
  return SECRETS.some((secret) => [0, 1, 2].some((start) => said.includes(secret.slice(start, start + 4))));
}
