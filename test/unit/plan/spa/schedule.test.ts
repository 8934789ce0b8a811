import { describe, expect, it } from 'vitest';
import { type History, NO_HISTORY } from '../../../../src/plan/history.ts';
import { type Sequence, SLOWEST_FWKNOPD_MS } from '../../../../src/plan/sequence.ts';
import { plan, silentLogin, times } from '../schedule.ts';

const SPA: Sequence = {
  steps: [{ port: 62201, protocol: 'udp', payload: () => Buffer.from('x') }],
  slowestOpeningMs: SLOWEST_FWKNOPD_MS,
};
/** As many logins taught: it opens at any time from 18 to 207 ms. */
const learned = (rttMs: number): History => ({
  ...NO_HISTORY,
  tries: Array.from({ length: 12 }, () => ({ delayMs: 0, opened: true })),
  opens: Array.from({ length: 12 }, (_, n) => [18 + n * 15, 26 + n * 15] as const),
  rttsMs: [rttMs],
  room: 12,
});

describe('the schedule of a door of one packet', () => {
  it('sends one packet in each attempt, and nothing before it', () => {
    for (const { knocks, delayMs } of silentLogin({ sequence: SPA }).attempts) {
      expect(knocks).toEqual([{ step: SPA.steps[0], number: 1, atMs: 0 }]);
      expect(delayMs).toBe(0);
    }
  });

  it('connects when a healthy fwknopd has opened, on first contact, and once more before a second packet', () => {
    expect(times(plan({ sequence: SPA }))).toEqual([SLOWEST_FWKNOPD_MS, 2 * SLOWEST_FWKNOPD_MS]);
  });

  it.each([1, 100])('connects twice at most once it was learned, over %i ms', (rttMs) => {
    const { connects } = plan({ sequence: SPA, history: learned(rttMs) });
    expect(connects.length).toBeLessThanOrEqual(2);
    expect(connects.at(-1)!.atMs).toBeGreaterThanOrEqual(SLOWEST_FWKNOPD_MS);
  });

  it.each([0, 0.5, 0.999])('sends no packet before the one before had its time (random %f)', (random) => {
    for (const history of [NO_HISTORY, learned(1), learned(100)]) {
      const { attempts } = silentLogin({ sequence: SPA, history, random: () => random });
      const rttMs = history.rttsMs[0] ?? 0;
      for (const { waitMs } of attempts) expect(waitMs).toBeGreaterThanOrEqual(SLOWEST_FWKNOPD_MS + rttMs);
    }
  });
});
