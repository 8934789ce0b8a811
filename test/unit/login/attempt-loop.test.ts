import net from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { budgetFor, openDoor } from '../../../src/login/attempt-loop.ts';
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
}

/** Fails to open a door and tells with what error. */
async function fail({ targets, steps, memory = QUICK, keptKnocks = 0 }: Shut): Promise<string> {
  const known = { sequences: [{ steps }], targets: targets.map((target) => ({ ...target, memory })) };
  const opening = openDoor({
    ...known,
    host: 'host',
    deadlineMs: nowMs() + 50_000,
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
