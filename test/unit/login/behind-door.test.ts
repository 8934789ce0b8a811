import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HistoryStore } from '../../../src/coordination/history-store.ts';
import { takeKnockLock } from '../../../src/coordination/knock-lock.ts';
import { lockPaths } from '../../../src/coordination/lock-paths.ts';
import { WaitingLogin } from '../../../src/coordination/waiting-logins.ts';
import { loginBehindDoor } from '../../../src/login/behind-door.ts';
import type { Closing } from '../../../src/login/close-door.ts';
import { realEnvironment } from '../../../src/login/environment.ts';
import type { LoginRequest } from '../../../src/login/login-request.ts';
import type { Target } from '../../../src/network/resolve.ts';
import type { History } from '../../../src/plan/history.ts';
import { resetKnocks } from '../../../src/plan/reset-knocks.ts';
import { nowMs, realClock } from '../../../src/util/clock.ts';
import { Log } from '../../../src/util/log.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { closedPort, listen } from './loopback.ts';
import { Udp } from './udp.ts';

/** A login at a door of UDP knocks with a close sequence that is as long as any. */
function login(target: Target, steps: readonly Udp['step'][], more: Partial<LoginRequest> = {}) {
  return loginBehindDoor({
    host: 'host',
    door: { source: { kind: 'sequence', steps }, closeSteps: CLOSE, where: 'test' },
    obtain: async () => ({ candidates: [steps] }),
    targets: [target],
    deadlineMs: nowMs() + 8000,
    limitMs: 8000,
    beganMs: nowMs(),
    report: new Log(),
    state: new HistoryStore(path.join(temporaryFolder(), 'state')),
    ...more,
  });
}

const CLOSE = Array.from({ length: 31 }, (_, n) => ({ port: n + 1, protocol: 'udp' as const }));
const KNOCKS_TO_CLOSE = CLOSE.length + resetKnocks(CLOSE)[0]!.length;

describe('closing', () => {
  it.each([
    [3, 2500],
    [31, 8000],
  ])('after a login that failed sends one sequence, within 500 knocks: %i steps', async (count, limitMs) => {
    const udp = await Udp.listen();
    const closings: Closing[] = [];
    const closeLater = async (closing: Closing) => void closings.push(closing);
    const more = { closeLater, limitMs, deadlineMs: nowMs() + limitMs };
    const failed = login(await closedPort(), Array(count).fill(udp.step), more);
    await expect(failed).rejects.toThrow('stayed shut');
    expect(closings.map(({ times }) => times)).toEqual([1]);
    expect(udp.received.length + KNOCKS_TO_CLOSE).toBeLessThanOrEqual(500);
    udp.close();
  });

  it('is not done where no whole sequence was sent', async () => {
    const closings: Closing[] = [];
    const closeLater = async (closing: Closing) => void closings.push(closing);
    const obtain = () => Promise.reject(new Error('no sequence'));
    await expect(login(await closedPort(), [], { closeLater, obtain })).rejects.toThrow('no sequence');
    expect(closings).toEqual([]);
  });

  it('that cannot be started ends no session', async () => {
    const [udp, server] = [await Udp.listen(), await listen()];
    const closeLater = () => Promise.reject(new Error('EMFILE'));
    const { socket, afterHandover: settle } = await login(server.target, [udp.step], { closeLater });
    await settle();
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    for (const one of [udp, server]) one.close();
  });
});

/** A state of which nothing can be read any more from the n-th look on, as where a disk fails. */
class BrokenState extends HistoryStore {
  #looks = 0;
  readonly #from: number;

  constructor(from: number) {
    super(path.join(temporaryFolder(), 'state'));
    this.#from = from;
  }

  override load(target: Target): History {
    if (++this.#looks >= this.#from) throw new Error('broken');
    return super.load(target);
  }
}

it.each([2, 3])(
  'leaves neither presence nor turn behind when it throws at look %i at the state',
  async (from) => {
    const target = await closedPort();
    const state = new BrokenState(from);
    await expect(login(target, [], { state })).rejects.toThrow('broken');
    const { runtimeFolder, doorName, lockFile: turnFile } = lockPaths(target, state);
    expect(await new WaitingLogin(runtimeFolder, doorName).anyone()).toBe(false);
    const taken = await takeKnockLock({ file: turnFile, waitMs: 500 });
    expect(taken.kind).toBe('locked');
    if (taken.kind === 'locked') taken.lock.release();
  },
);

it('waits 2 s for a lock that is never released, then knocks all the same', async () => {
  const [udp, target] = [await Udp.listen(), await closedPort()];
  const state = new HistoryStore(path.join(temporaryFolder(), 'state'));
  const held = await takeKnockLock({ file: lockPaths(target, state).lockFile, waitMs: 500 });
  const waits: number[] = [];
  let skippedMs = 0;
  const clock = {
    ...realClock,
    nowMs: () => nowMs() + skippedMs,
    // A wait of a second or more is over at once; the clock is moved on.
    startTimer: (callback: () => void, ms: number) => {
      if (ms < 1000) return realClock.startTimer(callback, ms);
      waits.push(ms);
      return realClock.startTimer(() => {
        skippedMs += ms;
        callback();
      }, 0);
    },
  };
  const environment = { ...realEnvironment, clock };
  await expect(login(target, [udp.step], { state, environment })).rejects.toThrow('stayed shut');
  expect(waits[0]).toBeGreaterThan(1000);
  expect(waits[0]).toBeLessThanOrEqual(2000);
  expect(udp.received.length).toBeGreaterThan(0);
  if (held.kind === 'locked') held.lock.release();
  udp.close();
});
