import net from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AddressAttempts } from '../../../src/login/address-attempts.ts';
import { budgetFor, openDoor } from '../../../src/login/attempt-loop.ts';
import { realEnvironment } from '../../../src/login/environment.ts';
import type { Target } from '../../../src/network/resolve.ts';
import { type History, NO_HISTORY } from '../../../src/plan/history.ts';
import { nowMs } from '../../../src/util/clock.ts';
import { Log } from '../../../src/util/log.ts';
import { closedPort, QUICK } from './loopback.ts';
import { Udp } from './udp.ts';

afterEach(() => vi.restoreAllMocks());

interface Shut {
  readonly targets: readonly Target[];
  readonly steps: readonly Udp['step'][];
  readonly memory?: History;
  readonly keptKnocks?: number;
  readonly limitMs?: number;
}

/** Fails to open a door and tells with what error. */
async function fail({
  targets,
  steps,
  memory = QUICK,
  keptKnocks = 0,
  limitMs = 50_000,
}: Shut): Promise<string> {
  const known = { sequences: [{ steps }], targets: targets.map((target) => ({ ...target, memory })) };
  const opening = openDoor({
    ...known,
    host: 'host',
    deadlineMs: nowMs() + limitMs,
    report: new Log(),
    budget: budgetFor(known, keptKnocks),
    remember: () => {},
  });
  const error = await opening.then(
    () => undefined,
    (error) => error,
  );
  return [error.message, ...error.hints].join('\n');
}

describe('a login at a door that stays shut', () => {
  it('sends 30 sequences and no more', async () => {
    const udp = await Udp.listen();
    const error = await fail({ targets: [await closedPort()], steps: [udp.step] });
    expect(error).toContain('a login sends at most 30 tries');
    expect(udp.received).toHaveLength(30);
    udp.close();
  });

  it.each([0, 100])('sends 500 knocks and no more, %i of them kept for closing', async (keptKnocks) => {
    const udp = await Udp.listen();
    const steps = Array(31).fill(udp.step);
    const error = await fail({ targets: [await closedPort()], steps, keptKnocks });
    expect(error).toContain('a login sends at most 500 knocks');
    expect(udp.received.length).toBeLessThanOrEqual(500 - keptKnocks);
    expect(udp.received.length).toBeGreaterThan(500 - keptKnocks - 63);
    udp.close();
  });

  it('starts 100 connects and no more', async () => {
    const udp = await Udp.listen();
    const { port } = await closedPort();
    const addresses = [1, 2, 3, 4, 5].map((n) => `127.0.0.${n}`);
    const targets = addresses.map((address) => ({ address, family: 4, port }) as const);
    const connect = vi.spyOn(net, 'connect');
    const error = await fail({ targets, steps: [udp.step], memory: NO_HISTORY });
    expect(error).toContain('a login sends at most 100 connects');
    expect(connect.mock.calls.filter(([to]) => (to as { port?: number }).port === port)).toHaveLength(100);
    udp.close();
  });

  it('makes an attempt of 0.4 s where the time was up before it began', async () => {
    const udp = await Udp.listen();
    const error = await fail({ targets: [await closedPort()], steps: [udp.step], limitMs: -1000 });
    expect(Number(/ in ([\d.]+) s/.exec(error)![1])).toBeGreaterThanOrEqual(0.4);
    expect(udp.received.length).toBeGreaterThan(0);
    udp.close();
  });

  it('begins with the preamble in turn, after logins of one try each', async () => {
    const received: number[] = [];
    const doors = await Promise.all([1, 2, 3].map(() => Udp.listen(received)));
    const [first, middle, last] = doors.map(({ step }) => step.port);
    const steps = doors.map(({ step }) => step);
    const error = await fail({ targets: [await closedPort()], steps, memory: { ...QUICK, failedLogins: 4 } });
    expect(error).toContain('only one attempt is made');
    // Which of several sockets is heard first is chance.
    expect(received.sort()).toEqual([first, middle, middle, middle, last].sort());
    for (const door of doors) door.close();
  });
});

describe('the time a door took to open', () => {
  /** Two attempts with a connect each, 5 ms after its last knock. @returns when the connects left. */
  function twoAttempts(): { attempts: AddressAttempts; dialsMs: number[] } {
    let now = 1000;
    const clock = { ...realEnvironment.clock, nowMs: () => now };
    const knocker = { prepare() {}, async send() {}, close() {} };
    const connector = { answers: [], lastAnswer: undefined, connect() {}, close() {} };
    const network = { knocker: () => knocker, connector: () => connector };
    const target = { address: '192.0.2.1', family: 4, port: 22 } as const;
    const environment = { ...realEnvironment, clock, network };
    const attempts = new AddressAttempts(target, NO_HISTORY, { connected() {} }, environment);
    const dialsMs = [1, 2].map(() => {
      attempts.knocked(attempts.plan([{ steps: [{ port: 7000, protocol: 'udp' }] }]));
      now += 5;
      attempts.dial();
      now += 100;
      return now - 100;
    });
    return { attempts, dialsMs };
  }

  it('is learned from the first attempt', () => {
    const { attempts, dialsMs } = twoAttempts();
    expect(attempts.learnedFrom({ startedMs: dialsMs[0]!, tookMs: 1 }).opens).toEqual([[0, 5]]);
  });

  it('is not learned from the first connect of a later one, as the attempt before it may have opened it', () => {
    const { attempts, dialsMs } = twoAttempts();
    const history = attempts.learnedFrom({ startedMs: dialsMs[1]!, tookMs: 1 });
    expect(history.opens).toEqual([]);
    expect(history.rttsMs).toEqual([1]);
  });
});
