/**
 * The model against the real knockd 0.8: every line of its debug log for many random packets.
 * KNOCKD_MODEL_SEED repeats a run, KNOCKD_MODEL_ROUNDS makes it longer (1 round of each kind = 180 sequences).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resetKnocks } from '../../src/plan/reset-knocks.ts';
import { type Mode, type Round, randomRound } from './generate.ts';
import type { Door, Packet } from './knockd.ts';
import { Random } from './random.ts';
import { RealKnockd, whyNotHere } from './real-knockd.ts';
import { parseLog, predict } from './trace.ts';

const SEED = Number(process.env.KNOCKD_MODEL_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.KNOCKD_MODEL_ROUNDS ?? 1);
const SEQUENCES = 60;
const reason = whyNotHere();
if (reason && process.env.CI) throw new Error(`the real knockd must be tested in CI: ${reason}`);
if (reason) console.warn(`skipped: model against the real knockd: ${reason}`);

describe.skipIf(reason)(`knockd model, seed ${SEED}`, () => {
  let knockd: RealKnockd;
  let opened = 0;

  beforeAll(async () => {
    knockd = await RealKnockd.start();
  });
  afterAll(() => knockd?.stop());

  /** Fast rounds take 0.2 s, slow ones 3 s. */
  it.each<[Mode, number]>([
    ['alone', 12 * ROUNDS],
    ['mixed', 8 * ROUNDS],
    ['slow', 3 * ROUNDS],
  ])(
    'says what knockd logs: %s sources, %d rounds of 60',
    { timeout: 30_000 * ROUNDS },
    async (mode, rounds) => {
      for (let index = 0; index < rounds; index++) {
        const round = randomRound(new Random(SEED * 1000 + index), mode, SEQUENCES);
        opened += await compare(knockd, round, `seed ${SEED}, ${mode} round ${index}`);
      }
    },
  );

  it('is opened by the first preamble from every state of the stock pair', async () => {
    const doors = [stock('open', [7000, 8000, 9000]), stock('close', [9000, 8000, 7000])];
    const states = [
      [],
      [7000],
      [7000, 8000],
      [7000, 9000],
      [9000],
      [9000, 8000],
      [9000, 7000],
      [9000, 8000, 7000],
    ];
    const run = [...resetKnocks(doors[0]!.sequence)[0]!, ...doors[0]!.sequence].map((step) => step.port);
    const packets = states.flatMap((state, i) =>
      [...state, ...run].map((port) => syn(`10.78.1.${i + 1}`, port)),
    );
    const log = await knockd.log(doors, packets, 0);
    const opened = log.filter((line) => line.endsWith('open: OPEN SESAME')).map((line) => line.split(':')[0]);
    expect(opened).toEqual(states.map((_, i) => `10.78.1.${i + 1}`));
  });

  it('was shown doors that opened', () => {
    expect(opened).toBeGreaterThan(23 * ROUNDS * SEQUENCES * 0.3);
  });
});

function stock(name: string, ports: number[]): Door {
  return {
    name,
    sequence: ports.map((port) => ({ port, protocol: 'tcp' })),
    seqTimeoutS: 15,
    tcpflags: ['syn'],
  };
}

function syn(source: string, port: number): Packet {
  return { source, port, protocol: 'tcp', atMs: 0 };
}

/** Returns how many times a door opened. */
async function compare(knockd: RealKnockd, round: Round, label: string): Promise<number> {
  const actual = parseLog(await knockd.log(round.doors, round.packets, round.spacingMs));
  const seconds = actual.map((seen) => seen.second);
  const expected = predict(round.doors, round.packets, seconds);
  const at = expected.findIndex((seen, i) => JSON.stringify(seen) !== JSON.stringify(actual[i]));
  const context = `${label}, packet ${at}\n${JSON.stringify(round.doors)}`;
  expect(actual[at], context).toEqual(expected[at]);
  expect(actual.length, `${label}: packets seen`).toBe(expected.length);
  return actual.flatMap((seen) => seen.lines).filter((line) => line.endsWith('OPEN SESAME')).length;
}
