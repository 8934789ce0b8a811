import { describe, expect, it } from 'vitest';
import { openDoor } from '../../../src/login/attempt-loop.ts';
import { KnockBudget } from '../../../src/login/knock-budget.ts';
import { NO_HISTORY } from '../../../src/plan/history.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';
import { KnockproxyError } from '../../../src/util/errors.ts';
import { Log } from '../../../src/util/log.ts';
import { door, HOST, Login, SHUT, THREE } from './fake-login.ts';
import { EPOCH_MS, FakeWorld } from './fake-world.ts';

describe('a login', () => {
  it('sends one sequence and one SYN to a door that opens in time', async () => {
    const login = await Login.at(door(70));
    expect(login).toMatchObject({ sequences: 1, syns: 1, result: { kind: 'opened', sequences: [0] } });
    expect(login.world.synsMs).toEqual([75]);
    expect(login.history).toMatchObject({ opens: [[0, 75]], rttsMs: [10], room: 1, failedLogins: 0 });
  });

  it('connects no more once it is connected', async () => {
    const login = await Login.at(door(1), { history: { ...NO_HISTORY, opens: [[0, 75]], rttsMs: [10] } });
    expect(login.syns).toBe(1);
    expect(login.tookMs).toBeLessThan(20);
  });

  it.each([100, 300])('sends two sequences and two SYNs at most over %i ms', async (rttMs) => {
    const server = door(70);
    const world = new FakeWorld(server);
    world.rttMs = rttMs;
    const login = await Login.at(server, {}, world);
    expect(login.result?.kind).toBe('opened');
    expect(Math.max(login.sequences, login.syns)).toBeLessThanOrEqual(rttMs === 100 ? 1 : 2);
  });

  it('opens a slow door by one sequence, once it was learned', async () => {
    let login = await Login.at(door(3000));
    for (let n = 0; n < 5; n++) {
      login = await login.next(door(3000));
      expect(login.sequences).toBe(1);
    }
  });

  it('opens a door of 12 s with KnockTimeout 30', async () => {
    expect((await Login.at(door(12_000), { limitMs: 30_000 })).result?.kind).toBe('opened');
  });
});

describe('a login that fails', () => {
  it('sends 24 sequences and 24 SYNs over a line known to lose packets', async () => {
    const tries = Array.from({ length: 12 }, (_, n) => ({ delayMs: 0, opened: n % 2 === 0 }));
    const history = {
      ...NO_HISTORY,
      openedAt: EPOCH_MS - 1e6,
      opens: [[0, 20] as const],
      rttsMs: [10],
      tries,
    };
    expect(await Login.at(SHUT, { history })).toMatchObject({ sequences: 24, syns: 24 });
  });

  it('makes no second connect of an attempt with KnockConnects 1', async () => {
    expect(mostSyns(await Login.at(SHUT))).toBe(2);
    expect(mostSyns(await Login.at(SHUT, { mostConnects: 1 }))).toBe(1);
  });

  it('sends nothing for 5.2 s after the first sequence with a patient KnockTimeout', async () => {
    const { world } = await Login.at(SHUT, { limitMs: 30_000 });
    const [, second] = world.knocks.filter(({ knock }) => knock.number === 1);
    expect(second!.atMs).toBeGreaterThanOrEqual(5200);
    expect(world.synsMs.filter((ms) => ms < 5200)).toHaveLength(1);
  });

  it('sends 16 sequences and 16 SYNs, until the time is up', async () => {
    const login = await Login.at(SHUT);
    expect(login).toMatchObject({ sequences: 16, syns: 16, result: { kind: 'shut', attempts: 16 } });
    expect(login.tookMs).toBeGreaterThan(7000);
    expect(login.tookMs).toBeLessThanOrEqual(8010);
  });

  it('sends 8 of both where logins opened at their first attempt', async () => {
    let login = await Login.at(door(1));
    for (let n = 0; n < 5; n++) login = await login.next(door(1), {}, 70_000);
    const failed = await login.next(SHUT, {}, 70_000);
    expect(failed.sequences).toBeLessThanOrEqual(8);
    expect(failed.syns).toBeLessThanOrEqual(8);
    expect(failed.result).toMatchObject({ kind: 'shut', isLimited: false });
  });

  it('counts over all its addresses', async () => {
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const targets = addresses.map((address) => ({ ...HOST, address, history: NO_HISTORY }));
    const login = await Login.at(SHUT, { targets });
    expect(login.sequences).toBeLessThanOrEqual(16);
    expect(login.syns).toBeLessThanOrEqual(16);
    expect(new Set(login.world.knocks.map(({ target }) => target.address)).size).toBe(3);
    expect(login.tookMs).toBeGreaterThan(7000);
  });

  it('counts the connects before its knocks', async () => {
    const before = { answers: [undefined, undefined], synsAt: [1, 2] };
    expect((await Login.at(SHUT, { before })).syns).toBeLessThanOrEqual(14);
  });

  it.each([0, 100])('sends at most 500 knocks, %i of them kept for closing', async (kept) => {
    const steps = Array.from({ length: 31 }, (_, n) => ({ port: 7000 + n, protocol: 'udp' as const }));
    const login = await Login.at(SHUT, { sequences: [{ steps }], budget: new KnockBudget(kept) });
    expect(login.world.knocks.length).toBeLessThanOrEqual(500 - kept);
    expect(login.world.knocks.length).toBeGreaterThan(500 - kept - 63 - 31);
    expect(login.result).toMatchObject({ usedUp: '500 knocks' });
  });

  it('three times makes one attempt, for an hour', async () => {
    let login = await Login.at(SHUT);
    for (let n = 0; n < 2; n++) login = await login.next(SHUT);
    expect(login.sequences).toBe(16);
    const fourth = await login.next(SHUT);
    expect(fourth).toMatchObject({ sequences: 1, syns: 1, result: { isLone: true } });
    expect(fourth.tookMs).toBeLessThan(1100);
    expect((await fourth.next(SHUT)).sequences).toBe(1);
    expect(await fourth.next(SHUT, {}, 3_600_001)).toMatchObject({ sequences: 16, syns: 16 });
  });

  it('is over at once when it is aborted', async () => {
    const [world, abort] = [new FakeWorld(SHUT), new AbortController()];
    world.at(500, () => abort.abort(new Error('gone')));
    await expect(Login.at(SHUT, { signal: abort.signal }, world)).rejects.toThrow('gone');
    expect(world.nowMs).toBe(500);
    expect(world.synsMs.every((ms) => ms < 500)).toBe(true);
  });
});

describe('time limits', () => {
  const slow = { steps: parseSequence('7000,7001,7002,9000'), delayMs: 3000 };

  it('count from the last knock of the first attempt', async () => {
    const login = await Login.at(SHUT, { sequences: [slow] });
    expect(login.world.knocks.slice(0, 4).map(({ knock }) => knock.number)).toEqual([1, 2, 3, 4]);
    expect(login.tookMs).toBeCloseTo(17_000, -2);
  });

  it('end with ConnectTimeout', async () => {
    const login = await Login.at(SHUT, { sequences: [slow], connectTimeout: { ms: 10_000, endsMs: 10_000 } });
    expect(login.tookMs).toBeLessThanOrEqual(10_001);
  });

  it('refuse a ConnectTimeout that cannot hold one sequence, before anything is sent', async () => {
    const world = new FakeWorld(SHUT);
    const connectTimeout = { ms: 9000, endsMs: 9000 };
    const login = Login.at(SHUT, { sequences: [slow], connectTimeout }, world);
    await expect(login).rejects.toThrow(/ConnectTimeout leaves 9.0 s, and the sequence takes 9.1 s/);
    expect(world.knocks).toEqual([]);
  });

  it('leave one attempt to who has waited too long', async () => {
    expect((await Login.at(SHUT, { deadlineMs: 0 })).sequences).toBe(2);
  });
});

describe('a limit on new connections', () => {
  /** Answers three SYNs in a minute, as hitcount 4 does. */
  function limited(): ReturnType<typeof door> & { syns: number } {
    const opens = door(1);
    return {
      ...opens,
      syns: 0,
      syn(atMs) {
        return ++this.syns > 3 ? undefined : opens.syn(atMs, HOST);
      },
    };
  }

  it('is met by the fourth login of a minute, and noticed', async () => {
    let login = await Login.at(limited());
    for (let n = 0; n < 2; n++) {
      login = await login.next(limited());
      expect(login).toMatchObject({ sequences: 1, syns: 1 });
    }
    const fourth = await login.next(SHUT);
    expect(fourth.result).toMatchObject({ kind: 'shut', isLimited: true });
    expect(fourth.sequences).toBe(3);
    // Two attempts, then one connect that the kernel resends after 1, 3 and 7 s.
    expect(fourth.syns).toBeLessThanOrEqual(6);
    expect(fourth.history).toMatchObject({ limitedAt: expect.any(Number), room: 0 });
    expect(fourth.history.limitedAt).toBeGreaterThan(0);
    const fifth = await fourth.next(SHUT);
    expect(fifth).toMatchObject({ sequences: 1, syns: 1, result: { isLimited: true } });
    expect((await fifth.next(door(1))).history.limitedAt).toBe(0);
  });

  it('is not suspected where the sequence was changed since the door opened', async () => {
    let login = await Login.at(limited());
    for (let n = 0; n < 2; n++) login = await login.next(limited());
    const changed = { ...THREE, changedAt: 1.8e12 - 1000 };
    const fourth = await login.next(SHUT, { sequences: [changed] });
    expect(fourth.result).toMatchObject({ kind: 'shut', isLimited: false });
    expect(fourth.history.limitedAt).toBe(0);
    const old = { ...THREE, changedAt: 1.8e12 - 60_000 };
    expect((await login.next(SHUT, { sequences: [old] })).result).toMatchObject({ isLimited: true });
  });

  it('is noticed after six attempts where one login of few needed a retry, and next time by one SYN', async () => {
    let sequences = 0;
    const opens = door(1);
    const lossy = {
      ...opens,
      knock(...[knock, atMs, target]: Parameters<NonNullable<typeof opens.knock>>) {
        if (knock.number === 3) sequences++;
        if (sequences > 1) opens.knock!(knock, atMs, target);
      },
    };
    let login = await Login.at(lossy);
    expect(login).toMatchObject({ result: { kind: 'opened' }, syns: 2 });
    login = await login.next(door(1));
    const failed = await login.next(SHUT);
    expect(failed.result).toMatchObject({ isLimited: true });
    expect(failed.syns).toBeLessThanOrEqual(10);
    expect(await failed.next(SHUT)).toMatchObject({ sequences: 1, syns: 1 });
  });

  it('has a message of its own', async () => {
    const world = new FakeWorld(SHUT);
    const history = { ...NO_HISTORY, limitedAt: 1.8e12 - 5000 };
    const opening = openDoor({
      host: 'host',
      sequences: [THREE],
      targets: [{ ...HOST, history }],
      deadlineMs: 8000,
      limitMs: 8000,
      report: new Log(),
      budget: new KnockBudget(),
      remember: () => {},
      environment: world.environment,
    });
    const error = await world.run(opening).catch((error: KnockproxyError) => error);
    expect((error as KnockproxyError).message).toContain('port 22 seems to limit new connections');
    expect((error as KnockproxyError).hints[0]).toContain('wait a minute');
  });

  it('lets the kept connect in when it ends in time', async () => {
    let login = await Login.at(door(1));
    for (let n = 0; n < 2; n++) login = await login.next(door(1));
    const late = await login.next({ syn: (atMs) => (atMs > 2000 ? 'open' : undefined) });
    expect(late.result?.kind).toBe('opened');
    expect(late.sequences).toBe(3);
  });
});

describe('an address that refuses to be sent to', () => {
  const REFUSED = new KnockproxyError('no route to 2001:db8::1', { hints: [] });
  const six = { address: '2001:db8::1', family: 6, port: 22, history: NO_HISTORY } as const;
  const refusing = {
    ...door(1),
    knock(...[knock, atMs, target]: Parameters<NonNullable<ReturnType<typeof door>['knock']>>) {
      if (target.family === 6) throw REFUSED;
      this.opens.knock!(knock, atMs, target);
    },
    opens: door(1),
    syn(atMs: number) {
      return this.opens.syn(atMs, HOST);
    },
  };

  it('is left out', async () => {
    const login = await Login.at(refusing, { targets: [six, { ...HOST, history: NO_HISTORY }] });
    expect(login.result).toMatchObject({ kind: 'opened', target: { family: 4 } });
  });

  it('is the failure where there is no other', async () => {
    await expect(Login.at(refusing, { targets: [six] })).rejects.toBe(REFUSED);
  });

  it('gets more time where it could be sent to before', async () => {
    const opens = door(1);
    let sent = 0;
    const server = {
      ...opens,
      knock(...[knock, atMs, target]: Parameters<NonNullable<typeof opens.knock>>) {
        if (atMs > 100 && atMs < 3000) throw REFUSED;
        if (++sent > 3) opens.knock!(knock, atMs, target);
      },
    };
    const login = await Login.at(server);
    expect(login.result?.kind).toBe('opened');
    expect(login.tookMs).toBeGreaterThan(3000);
  });
});

describe('nothing listens behind the door', () => {
  const before = { answers: [undefined], synsAt: [1.8e12 - 300] };
  /** Silent until the knocks, then refused. */
  const empty = () => {
    const opens = door(1);
    return { ...opens, syn: (atMs: number) => opens.syn(atMs, HOST) && 'ECONNREFUSED' };
  };

  it('is told by two refusals after one silent connect before the knocks', async () => {
    const login = await Login.at(empty(), { before });
    expect(login).toMatchObject({ sequences: 1, syns: 2, result: { kind: 'opened', sequences: [0] } });
    expect(login.result).not.toHaveProperty('socket');
    expect(login.history.nothingListenedAt).toBeGreaterThan(0);
  });

  it('is not taken from a port that refuses now and then', async () => {
    let syns = 0;
    const login = await Login.at({ syn: () => (++syns % 4 === 0 ? 'ECONNREFUSED' : undefined) }, { before });
    expect(login.result?.kind).toBe('shut');
    expect(login.syns).toBeLessThanOrEqual(16);
  });
});

/** The most SYNs to the hidden port from one sequence to the next. */
function mostSyns({ world: { knocks, synsMs } }: Login): number {
  const begins = knocks.filter(({ knock }) => knock.number === 1).map(({ atMs }) => atMs);
  const attempts = begins.map(
    (from, at) =>
      synsMs.filter((ms) => ms >= from && ms < (begins[at + 1] ?? Number.POSITIVE_INFINITY)).length,
  );
  return Math.max(...attempts);
}
