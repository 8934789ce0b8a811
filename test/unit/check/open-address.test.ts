import { describe, expect, it } from 'vitest';
import { type AddressOpening, openAddress } from '../../../src/check/open-address.ts';
import { KnockBudget } from '../../../src/login/knock-budget.ts';
import { NO_HISTORY } from '../../../src/plan/history.ts';
import { door, HOST, SHUT, THREE } from '../login/fake-login.ts';
import { EPOCH_MS, type FakeServer, FakeWorld } from '../login/fake-world.ts';

async function check(server: FakeServer, more: Partial<AddressOpening> = {}) {
  const world = new FakeWorld(server);
  const opening = openAddress({
    target: HOST,
    history: NO_HISTORY,
    sequences: [THREE],
    answered: 'silent',
    before: { answers: [undefined], synsAt: [EPOCH_MS - 900] },
    budget: new KnockBudget(),
    limitMs: 8000,
    environment: world.environment,
    ...more,
  });
  return { ...(await world.run(opening)), syns: world.synsMs.length, knocks: world.knocks.length };
}

describe('a check', () => {
  it('costs one sequence and one SYN after the one before the knocks', async () => {
    const result = await check(door(60));
    expect(result).toMatchObject({ after: 'open', syns: 1, knocks: 3, isLimited: false, sequences: [0] });
    expect(result.knocked).toMatchObject({ attempts: 1 });
    expect(result.openMs).toBeCloseTo(85);
  });

  it('sends no more than a login does, however many logins have failed', async () => {
    const history = { ...NO_HISTORY, failedLogins: 7, failedAt: EPOCH_MS };
    const result = await check(SHUT, { history });
    expect(result).toMatchObject({ after: 'silent', isLimited: false });
    expect(result.syns).toBe(15);
    expect(result.knocked.attempts).toBeLessThanOrEqual(16);
    expect(result.history).toMatchObject({ failedLogins: 7 });
  });

  it('sends no more knocks than its budget has', async () => {
    const steps = Array.from({ length: 31 }, (_, n) => ({ port: 7000 + n, protocol: 'udp' as const }));
    const { knocks } = await check(SHUT, { sequences: [{ steps }], budget: new KnockBudget(300) });
    expect(knocks).toBeLessThanOrEqual(200);
    expect(knocks).toBeGreaterThan(200 - 63 - 31);
  });

  it('tells a limit from a door that stays shut', async () => {
    const synsAt = [1, 2, 3].map((n) => EPOCH_MS - 2000 * n);
    const tries = synsAt.map(() => ({ delayMs: 0, opened: true }));
    const opens = synsAt.map(() => [0, 75] as const);
    const history = { ...NO_HISTORY, openedAt: EPOCH_MS - 2000, tries, opens, synsAt, room: 3, rttsMs: [9] };
    expect(await check(SHUT, { history })).toMatchObject({ after: 'silent', isLimited: true });
  });

  it('tells a door that opens in vain', async () => {
    const opens = door(1);
    const empty = { ...opens, syn: (atMs: number) => opens.syn(atMs, HOST) && 'ECONNREFUSED' };
    expect(await check(empty)).toMatchObject({ after: 'refused', sequences: [0], syns: 2 });
  });

  it('does not take a port for silent that has answered once', async () => {
    expect(await check(SHUT, { answered: 'refused' })).toMatchObject({ after: 'refused' });
  });
});
