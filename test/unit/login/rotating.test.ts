import { describe, expect, it } from 'vitest';
import type { OpenRequest } from '../../../src/login/open-request.ts';
import { renewSequences } from '../../../src/login/renew-sequences.ts';
import { parseSequence, type Sequence } from '../../../src/plan/sequence.ts';
import { Login, SHUT } from './fake-login.ts';
import { EPOCH_MS, type FakeServer, FakeWorld } from './fake-world.ts';

const PERIOD_MS = 5000;

/** The sequence of a period, and a list as a client makes it. */
const sequence = (period: number): Sequence => ({
  steps: parseSequence(`${7000 + (period % 1000)},8000,9000`),
});
const listAt = (at: number) => [0, -1, 1].map((n) => sequence(Math.floor(at / PERIOD_MS) + n));

/** A door of which the clock is ahead, open for 2 s. */
function rotatingDoor(aheadMs: number): FakeServer {
  let [run, openMs] = [0, Number.POSITIVE_INFINITY];
  return {
    knock({ step }, atMs) {
      const expected = sequence(Math.floor((EPOCH_MS + atMs + aheadMs) / PERIOD_MS)).steps;
      run = step.port === expected[run]?.port ? run + 1 : step.port === expected[0]!.port ? 1 : 0;
      if (run === expected.length) [run, openMs] = [0, atMs + 5];
    },
    syn: (atMs) => (atMs >= openMs && atMs < openMs + 2000 ? 'open' : undefined),
  };
}

async function login(server: FakeServer, startMs: number, more: Partial<OpenRequest> = {}): Promise<Login> {
  const world = new FakeWorld(server);
  const nowAt = EPOCH_MS + startMs;
  // The world begins at a change of the period: the list is as old as the start says.
  return Login.at(server, { kind: 'command', sequences: listAt(nowAt), ...more }, world);
}

describe('a login with candidates of a rotating sequence', () => {
  it.each([-3000, -2000, 0, 2000, 3000, 4999])(
    'opens where the clock of the server is %i ms ahead',
    async (aheadMs) => {
      const { result, sequences } = await login(rotatingDoor(aheadMs), 0);
      expect(result?.kind).toBe('opened');
      expect(sequences).toBeLessThanOrEqual(3);
    },
  );

  it('learns nothing from the candidates that the server did not expect', async () => {
    const [expected, other] = [await login(rotatingDoor(0), 0), await login(rotatingDoor(-3000), 0)];
    expect(other.sequences).toBe(2);
    expect(other.history.opens).toEqual(expected.history.opens);
    expect(other.history.tries.map(({ opened }) => opened)).toEqual([true]);
    expect(other.history).toMatchObject({ failedLogins: 0 });
    expect(other.history.late).toBeUndefined();
  });

  it('does not take the silence after other candidates for a limit on new connections', async () => {
    let regular = await login(rotatingDoor(0), 0);
    for (let n = 0; n < 4; n++)
      regular = await regular.next(rotatingDoor(0), { kind: 'command', sequences: listAt(EPOCH_MS) });
    // The server restarts: the first three sequences are lost.
    const [door, lost] = [rotatingDoor(0), { sequences: 0 }];
    const restarting: FakeServer = {
      ...door,
      knock(knock, atMs, target) {
        if (knock.number === 3) lost.sequences++;
        if (lost.sequences >= 3) door.knock!(knock, atMs, target);
      },
    };
    const after = await regular.next(restarting, { kind: 'command', sequences: listAt(EPOCH_MS) });
    expect(after.result?.kind).toBe('opened');
  });

  it('makes no more attempts than any other', async () => {
    const { sequences, syns } = await login(SHUT, 0);
    expect(sequences).toBeLessThanOrEqual(16);
    expect(syns).toBeLessThanOrEqual(16);
  });

  it('obtains them anew after each change, and goes on with those it has when that fails', async () => {
    const obtained: number[] = [];
    let failures = 0;
    const world = new FakeWorld(SHUT);
    const renew = renewSequences({
      lifetimeMs: PERIOD_MS,
      obtainedAt: EPOCH_MS - 1,
      clock: world.clock,
      async obtain() {
        obtained.push(world.nowMs);
        if (obtained.length === 2) throw new Error('gone');
        return listAt(world.clock.dateMs());
      },
      failed: () => failures++,
    });
    const sequences = listAt(EPOCH_MS - 1);
    await Login.at(SHUT, { kind: 'command', sequences, renew }, world);
    expect(obtained).toHaveLength(2);
    expect(obtained[0]).toBe(0);
    expect(obtained[1]).toBeGreaterThanOrEqual(PERIOD_MS);
    expect(failures).toBe(1);
    const firsts = world.knocks.filter(({ knock }) => knock.number === 1).map(({ knock }) => knock.step);
    expect(firsts[0]).toEqual(sequence(Math.floor(EPOCH_MS / PERIOD_MS)).steps[0]);
  });

  it('does not wait longer for it than its limit, and ends it', async () => {
    let isEnded = false;
    const world = new FakeWorld(SHUT);
    const renew = renewSequences({
      lifetimeMs: PERIOD_MS,
      obtainedAt: EPOCH_MS,
      clock: world.clock,
      obtain: (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            isEnded = true;
          });
        }),
      failed: () => {},
    });
    const stuck = await Login.at(SHUT, { kind: 'command', sequences: listAt(EPOCH_MS), renew }, world);
    expect(stuck.result?.kind).toBe('shut');
    expect(stuck.tookMs).toBeLessThanOrEqual(8900);
    expect(isEnded).toBe(true);
  });
});
