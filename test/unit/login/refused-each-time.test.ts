import { describe, expect, it } from 'vitest';
import { whenShut } from '../../../src/login/refused-each-time.ts';
import { door, type FakeLogin, Login, THREE } from './fake-login.ts';
import type { FakeServer } from './fake-world.ts';

const A_WHILE_MS = 70_000;

/** The door opens as `opens` does, and nothing listens behind it. */
function empty(opens: FakeServer): FakeServer {
  return { ...opens, syn: (...at) => (opens.syn(...at) === 'open' ? 'ECONNREFUSED' : opens.syn(...at)) };
}

/** A firewall that rejects, whatever is knocked. */
const REJECTS: FakeServer = { syn: () => 'ECONNREFUSED' };

async function afterLogins(count: number, server: () => FakeServer, more: FakeLogin = {}): Promise<Login> {
  let login = await Login.at(server(), more);
  for (let n = 1; n < count; n++) login = await login.next(server(), {}, A_WHILE_MS);
  return login;
}

interface Loss {
  readonly knocks: number;
  readonly syns: number;
}

/** Knocks and SYNs to `server` are lost with these chances. */
function lossy(server: FakeServer, loss: Loss, random: () => number): FakeServer {
  let received = 0;
  return {
    knock(knock, atMs, target) {
      if (knock.number === 1) received = 0;
      const arrives = random() >= loss.knocks;
      if (arrives) received++;
      if (knock.number === THREE.steps.length && arrives && received >= knock.number)
        server.knock?.(knock, atMs, target);
    },
    syn: (...at) => (random() < loss.syns ? undefined : server.syn(...at)),
  };
}

/** Reproducible numbers in [0, 1): mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('what a port that opened has answered before', () => {
  const connects = [{ startedMs: 0 }, { startedMs: 50 }, { startedMs: 70 }];

  it('is silence only where an answer would have come', () => {
    const after = [undefined, undefined, undefined];
    expect(whenShut({ before: [], after }, connects, 70)).toEqual({ silent: 1, isRefused: false });
    expect(whenShut({ before: [undefined], after }, connects, 80)).toEqual({ silent: 3, isRefused: false });
  });

  it('is a refusal, before the knocks or after', () => {
    const after = ['ECONNREFUSED', undefined, undefined];
    expect(whenShut({ before: [], after }, connects, 70).isRefused).toBe(true);
    expect(whenShut({ before: ['ECONNREFUSED'], after: [undefined] }, connects, 0).isRefused).toBe(true);
  });
});

describe('a port that refuses after each sequence', () => {
  const knockd = () => door(40);

  it('has an open door where earlier logins saw it silent while shut', async () => {
    const before = await afterLogins(6, knockd);
    expect(before.history.silentWhenShut).toBeGreaterThanOrEqual(2);
    const failed = await before.next(empty(knockd()), {}, A_WHILE_MS);
    expect(failed).toMatchObject({ sequences: 2, result: { kind: 'opened' } });
    expect(failed.result).not.toHaveProperty('socket');
    expect(failed.syns).toBeLessThanOrEqual(4);
    expect(failed.tookMs).toBeLessThan(1000);
    expect(failed.history.nothingListenedAt).toBeGreaterThan(0);
  });

  it('is found the next time too, and keeps no login from a door that opens', async () => {
    let login = await afterLogins(6, knockd);
    for (let n = 0; n < 3; n++) login = await login.next(empty(knockd()), {}, A_WHILE_MS);
    expect(login).toMatchObject({ sequences: 2, result: { kind: 'opened' } });
    const rejecting = await login.next(door(40, 'ECONNREFUSED'), {}, A_WHILE_MS);
    expect(rejecting.result).toHaveProperty('socket');
  });

  it('ends a login after 4 sequences where all earlier ones opened with their first', async () => {
    const fast = () => door(0);
    const before = await afterLogins(6, fast);
    expect(before).toMatchObject({ sequences: 1, syns: 1 });
    const failed = await before.next(empty(fast()), {}, A_WHILE_MS);
    expect(failed).toMatchObject({ sequences: 4, result: { kind: 'shut', isRefused: true } });
    expect(failed.syns).toBeLessThanOrEqual(5);
    expect(failed.tookMs).toBeLessThan(6100);
  });

  it('is asked with each of several candidates as often', async () => {
    const before = await afterLogins(6, () => door(0));
    const sequences = [THREE, { steps: [...THREE.steps].reverse() }];
    const failed = await before.next(empty(door(0)), { sequences, kind: 'command' }, A_WHILE_MS);
    expect(failed.result).toMatchObject({ kind: 'shut', isRefused: false });
    expect(failed.world.knocks.length).toBeGreaterThan(5 * THREE.steps.length);
  });

  it('may be one that limits new connections', async () => {
    let login = await afterLogins(6, knockd);
    for (let n = 0; n < 6; n++) login = await login.next(door(40), {}, 3000);
    const failed = await login.next(REJECTS, {}, 3000);
    expect(failed.result).toMatchObject({ kind: 'shut', isLimited: true });
    expect(failed.sequences).toBeLessThanOrEqual(3);
  });

  it('is remembered until a login opens the door', async () => {
    const failed = await (await afterLogins(6, () => door(0))).next(empty(door(0)), {}, A_WHILE_MS);
    expect(failed.history.refusedAt).toBeGreaterThan(0);
    const again = await failed.next(door(0), {}, A_WHILE_MS);
    expect(again.history.refusedAt).toBe(0);
  });

  it('is taken for shut where nothing is known of it', async () => {
    expect(await Login.at(REJECTS)).toMatchObject({ sequences: 16, result: { kind: 'shut' } });
    expect((await Login.at(REJECTS)).result).toMatchObject({ isRefused: false });
  });

  it('is taken for shut where it refused before the door opened', async () => {
    const before = await afterLogins(6, () => door(40, 'ECONNREFUSED'));
    expect(before.history.silentWhenShut).toBe(0);
    const failed = await before.next(REJECTS, {}, A_WHILE_MS);
    expect(failed).toMatchObject({ sequences: 4, result: { kind: 'shut' } });
  });

  it('is taken for no open door where some connects are silent', async () => {
    let syns = 0;
    const half: FakeServer = { syn: () => (++syns % 2 === 0 ? 'ECONNREFUSED' : undefined) };
    const failed = await (await afterLogins(6, () => door(0))).next(half, {}, A_WHILE_MS);
    expect(failed.result).toMatchObject({ kind: 'shut', isRefused: false });
  });

  it('counts a silent look before the knocks', async () => {
    const before = { answers: [undefined], synsAt: [1] };
    let login = await afterLogins(2, () => door(0), { before });
    login = await login.next(door(0), { before }, A_WHILE_MS);
    expect(login.history.silentWhenShut).toBe(2);
    expect(await login.next(empty(door(0)))).toMatchObject({ sequences: 2, result: { kind: 'opened' } });
  });

  it.each([
    { knocks: 0.02, syns: 0.02 },
    { knocks: 0.1, syns: 0.1 },
    { knocks: 0.2, syns: 0 },
  ])('keeps no login from a door whose firewall rejects, at a loss of $knocks', async (loss) => {
    const results: unknown[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const random = numbers(seed);
      const server = () => lossy(door(seed % 2 === 0 ? 40 : 0, 'ECONNREFUSED'), loss, random);
      let login = await Login.at(server());
      for (let n = 0; n < 12; n++) {
        login = await login.next(server(), {}, A_WHILE_MS);
        results.push(login.result?.kind === 'opened' && login.result.socket ? 'in' : `out: seed ${seed}`);
      }
    }
    expect(results.filter((result) => result !== 'in').length).toBeLessThanOrEqual(1);
  });
});
