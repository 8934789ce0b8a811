import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRc } from '../../src/plan/fwknop/fwknoprc.ts';
import { buildPacket, packetLength } from '../../src/plan/fwknop/spa-packet.ts';
import { planRequest, type SpaRequest } from '../../src/plan/fwknop/spa-plan.ts';
import { KnockproxyError } from '../../src/util/errors.ts';
import { clientUnavailable, openPacket, type Run, runClient } from './fwknop-client.ts';
import { randomRc } from './random-rc.ts';

/** How many random rc files to compare and the seed of the first; set to look further, or at one case again. */
const CASES = Number(process.env.ORACLE_CASES ?? 400);
const FIRST_SEED = Number(process.env.ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const BATCH = 200;

const reason = clientUnavailable();
if (reason && process.env.CI) throw new Error(`the oracle tests need fwknop: ${reason}`);
if (reason) console.log(`skipped: ${reason}`);

const root = reason ? '' : fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-fwknop-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const KEY = 'KEY_BASE64 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const HMAC = `HMAC_KEY_BASE64 ${Buffer.alloc(64, 'A').toString('base64')}`;
const BASE = `[host]\nSPA_SERVER 192.0.2.1\nACCESS tcp/22\nALLOW_IP 192.0.2.10\n${KEY}\n`;

const VARIANTS: readonly string[] = [
  '',
  HMAC,
  `${HMAC}\nALLOW_IP source`,
  `${HMAC}\nALLOW_IP 255.255.255.255`,
  `${HMAC}\nACCESS udp/1194`,
  `${HMAC}\nACCESS tcp/22,udp/53,tcp/65535`,
  ...['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha3_256', 'sha3_512'].flatMap((digest) => [
    `${HMAC}\nDIGEST_TYPE ${digest}`,
    `${HMAC}\nHMAC_DIGEST_TYPE ${digest}`,
    `HMAC_KEY_BASE64 ${Buffer.alloc(128, 'B').toString('base64')}\nHMAC_DIGEST_TYPE ${digest}`,
  ]),
  `${HMAC}\nDIGEST_TYPE SHA1\nHMAC_DIGEST_TYPE Sha512`,
  `${HMAC}\nSPOOF_USER a\nACCESS ${Array(11).fill('tcp/10022').join(',')}`,
  `${HMAC}\nFW_TIMEOUT 30`,
  `${HMAC}\nFW_TIMEOUT 0`,
  `${HMAC}\nFW_TIMEOUT 65536`,
  `${HMAC}\nNAT_ACCESS 10.0.0.2,80`,
  `${HMAC}\nNAT_ACCESS 10.0.0.2:80\nFW_TIMEOUT 60`,
  `${HMAC}\nNAT_ACCESS inside.example\nNAT_PORT 5000`,
  `${HMAC}\nNAT_LOCAL Y`,
  `${HMAC}\nNAT_LOCAL Y\nFW_TIMEOUT 60`,
  `${HMAC}\nNAT_LOCAL Y\nNAT_ACCESS 127.0.0.1,2222\nNAT_PORT 60000`,
  `${HMAC}\nNAT_PORT 5000`,
  `${HMAC}\nSPOOF_USER bob`,
  `${HMAC}\nSPOOF_USER ${'u'.repeat(40)}`,
  `${HMAC}\nTIME_OFFSET 2m`,
  `${HMAC}\nTIME_OFFSET -90`,
  `${HMAC}\nENCRYPTION_MODE cbc`,
  'KEY secret\nHMAC_KEY other-secret',
  `KEY ${'k'.repeat(32)}\nHMAC_KEY ${'h'.repeat(128)}`,
  'KEY_BASE64 QQ\nHMAC_KEY_BASE64 QUI',
  'KEY_BASE64 QUJD=RUY=\nHMAC_KEY a',
];

const USERS = ['alice', 'root', 'a b', 'u_-.@!#$%^&(){}~', 'x', 'u'.repeat(48)];

describe.skipIf(reason !== undefined)('fwknop 2.6.10', () => {
  it(`makes the same packets (${VARIANTS.length} variants)`, () => {
    const runs = VARIANTS.map((lines, index) => ({
      rc: `${BASE}${lines}\n`,
      stanza: 'host',
      user: USERS[index % USERS.length]!,
    }));
    const answers = runClient(runs, root);
    const differing = runs.filter((run, index) => {
      const answer = answers[index]!;
      return 'refused' in answer || rebuild(plan(run), answer.packet) !== answer.packet;
    });
    expect(differing).toEqual([]);
  });

  it(
    `reads rc files alike (${CASES} random ones)`,
    () => {
      const count = { same: 0, refused: 0, notDone: 0, filledIn: 0 };
      for (let first = 0; first < CASES; first += BATCH) {
        const seeds = Array.from(
          { length: Math.min(BATCH, CASES - first) },
          (_, i) => FIRST_SEED + first + i,
        );
        const runs = seeds.map((seed) => ({ ...randomRc(seed), user: 'alice' }));
        const answers = runClient(runs, root);
        runs.forEach((run, index) => {
          count[compare(run, answers[index]!, `seed ${seeds[index]}`)]++;
        });
      }
      console.log(
        `first seed ${FIRST_SEED}: ${count.same} equal packets, ${count.refused} refused by both, ` +
          `${count.notDone} refused by us as not supported, ${count.filledIn} where we fill in ACCESS or SPA_SERVER`,
      );
      if (CASES >= 400) expect(count.same).toBeGreaterThan(CASES / 5);
    },
    Math.max(60_000, CASES * 100),
  );
});

/** What only we refuse: see NOT_DONE in request.ts, and where we are stricter on purpose. */
const OURS =
  /not supported|only the encryption mode|over UDP|a spoofed address|RESOLVE_URL|bytes, and fwknopd|not a port from 1/;

function compare(run: Run, answer: ReturnType<typeof runClient>[number], seed: string) {
  let request: SpaRequest;
  try {
    request = plan(run);
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    if ('refused' in answer) return 'refused';
    if (OURS.test(error.message)) return 'notDone';
    // The client puts NAT_PORT in place of whatever ACCESS says after its slash.
    if (/ ACCESS must have the form/.test(error.message) && /NAT_PORT/.test(run.rc)) return 'notDone';
    throw new Error(`${seed}: we refuse: ${error.message}\n${run.rc}`, { cause: error });
  }
  if (fillsIn(run)) return 'filledIn';
  if ('refused' in answer) throw new Error(`${seed}: fwknop refuses: ${answer.refused}\n${run.rc}`);
  expect(rebuild(request, answer.packet), `${seed}\n${run.rc}`).toBe(answer.packet);
  return 'same';
}

/** ssh says which port and host it wants, where the client has nothing to go by. */
function fillsIn({ rc, stanza }: Run): boolean {
  const settings = readRc(rc, stanza, 'fwknoprc');
  return !settings.has('ACCESS') || (settings.has('NAT_LOCAL') && !settings.has('SPA_SERVER'));
}

function plan({ rc, stanza, user }: Run): SpaRequest {
  const where = { file: 'knock_config', line: 1 };
  return planRequest(readRc(rc, stanza, 'fwknoprc'), { host: 'host.example', port: 22, user, where });
}

/** Our packet for what was random in theirs; the time must be now, but for the offset. */
function rebuild({ content, allow, offsetS }: SpaRequest, theirs: string): string {
  const fresh = openPacket(theirs, content);
  expect(Math.abs(fresh.timeS - offsetS - Date.now() / 1000)).toBeLessThan(60);
  const address = 'address' in allow ? allow.address : expect.fail('no address to compare with');
  const packet = buildPacket(content, address, fresh, crypto).toString('latin1');
  expect(packetLength(content, address)).toBe(packet.length);
  return packet;
}
