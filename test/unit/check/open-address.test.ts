import net from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MOST_TRIES, openAddress } from '../../../src/check/open-address.ts';
import { AttemptBudget } from '../../../src/login/attempt-limits.ts';
import { closedPort, QUICK } from '../login/loopback.ts';
import { Udp } from '../login/udp.ts';

afterEach(() => vi.restoreAllMocks());

/** Checks a door that stays shut, and tells how many knocks have arrived. */
async function check(count: number, budget: AttemptBudget): Promise<{ knocks: number; connects: number }> {
  const [udp, target] = [await Udp.listen(), await closedPort()];
  const connect = vi.spyOn(net, 'connect');
  const sequences = [{ steps: Array(count).fill(udp.step) }];
  const more = { before: 'refused', answers: ['ECONNREFUSED'], limitMs: 60_000, budget } as const;
  const { socket } = await openAddress({ target, memory: QUICK, sequences, ...more });
  expect(socket).toBeUndefined();
  udp.close();
  const connects = connect.mock.calls.filter(([to]) => (to as { port?: number }).port === target.port);
  return { knocks: udp.received.length, connects: connects.length };
}

describe('a check of a door that stays shut', () => {
  it('sends 12 sequences and no more', async () => {
    expect(await check(1, new AttemptBudget(MOST_TRIES))).toMatchObject({ knocks: 12 });
  });

  it('sends no more knocks than its budget has', async () => {
    const { knocks } = await check(31, new AttemptBudget(MOST_TRIES, 300));
    expect(knocks).toBeLessThanOrEqual(200);
    expect(knocks).toBeGreaterThan(200 - 63);
  });

  it('starts no more connects than its budget has, and one to look again', async () => {
    const budget = new AttemptBudget(MOST_TRIES);
    budget.connects = 95;
    expect(await check(1, budget)).toMatchObject({ connects: 5 + 1 });
  });
});
