import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { takeKnockLock } from '../../../src/coordination/knock-lock.ts';
import { identityOf, removeStale } from '../../../src/coordination/stale-socket.ts';
import { isWithin } from '../../../src/plan/history.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A socket that its process has left behind. */
async function leaveBehind(file: string): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(`${file}.live`, resolve));
  fs.renameSync(`${file}.live`, file);
  await new Promise((resolve) => server.close(resolve));
}

const HOUR_MS = 3_600_000;

describe('the name of a socket on which nobody listens', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['from a moment ago', 10, false],
    ['older than anybody takes to listen', 150, true],
    ['from the future, after the clock was set back', -HOUR_MS, true],
  ])('%s', async (_, ageMs, stale) => {
    const file = path.join(temporaryFolder(), 'run', 'name');
    await leaveBehind(file);
    const { ctimeMs } = fs.lstatSync(file);
    vi.spyOn(Date, 'now').mockReturnValue(ctimeMs + ageMs);
    expect(removeStale(file, identityOf(file))).toBe(stale);
    expect(fs.existsSync(file)).toBe(!stale);
  });

  it('does not hold a login up when the clock was set back', async () => {
    const file = path.join(temporaryFolder(), 'run', 'turn');
    await leaveBehind(file);
    const real = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => real() - HOUR_MS);
    const startedMs = performance.now();
    const taken = await takeKnockLock({ file, waitMs: 20_000 });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(fs.existsSync(file)).toBe(true);
    if (taken.kind === 'locked') taken.lock.release();
    expect(fs.existsSync(file)).toBe(false);
  });
});

it.each([
  [1000, 1, true],
  [1000, 0, false],
  [1000, 1000, true],
  [1000, 1001, false],
])('at %i ms, an opening at %i ms is within the last 1000: %s', (now, at, within) => {
  expect(isWithin(1000, at, now)).toBe(within);
});
