import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type KnockLock, type LockOutcome, takeKnockLock } from '../../../src/coordination/knock-lock.ts';
import { realClock } from '../../../src/util/clock.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const take = (file: string, waitMs = 1000) => takeKnockLock({ file, waitMs });
const place = () => path.join(temporaryFolder(), 'run', 'turn');

/** The lock, which must be ours. */
async function owned(taken: Promise<LockOutcome>): Promise<KnockLock> {
  const outcome = await taken;
  if (outcome.kind !== 'locked') throw new Error(`not locked: ${outcome.kind}`);
  return outcome.lock;
}

/** Whether a promise is still open after `ms`. */
const waits = (promise: Promise<unknown>, ms: number) =>
  Promise.race([promise.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, ms, true))]);

describe('a turn', () => {
  it('is had by one at a time, and tells those who wait which door is open', async () => {
    const file = place();
    const first = await owned(take(file));
    const others = [take(file), take(file), take(file)];
    expect(await waits(Promise.race(others), 500)).toBe(true);
    first.release('door');
    expect(await Promise.all(others)).toEqual(Array(3).fill({ kind: 'opened', door: 'door' }));
  });

  it('goes to one of those who wait when its holder has opened nothing', async () => {
    const file = place();
    const first = await owned(take(file));
    const second = take(file);
    await waits(second, 20);
    first.release();
    const turn = await owned(second);
    expect(await waits(take(file, 100), 50)).toBe(true);
    turn.release();
  });

  it('is released by the death of its holder', async () => {
    const file = place();
    fs.mkdirSync(path.dirname(file), { mode: 0o700 });
    const listen = `require('net').createServer().listen(process.argv[1], () => console.log('listens'))`;
    const holder = spawn(process.execPath, ['-e', listen, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const next = take(file, 5000);
    expect(await waits(next, 50)).toBe(true);
    holder.kill('SIGKILL');
    const turn = await owned(next);
    expect(fs.existsSync(file)).toBe(true);
    turn.release();
  });

  it('is gone without after the wait', async () => {
    const file = place();
    const first = await owned(take(file));
    const startedMs = performance.now();
    expect((await take(file, 100)).kind).toBe('none');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(95);
    first.release();
  });

  it('is gone without where the folder is a symbolic link', async () => {
    const folder = temporaryFolder();
    fs.symlinkSync('/tmp', path.join(folder, 'run'));
    const file = path.join(folder, 'run', 'knockproxy-turn');
    await take(file);
    expect(fs.existsSync(file)).toBe(false);
  });

  it('is gone without where the path is too long for a socket', async () => {
    const file = path.join(temporaryFolder(), 'x'.repeat(120));
    expect((await take(file)).kind).toBe('none');
  });

  it('ends with an abort', async () => {
    const file = place();
    const first = await owned(take(file));
    const aborted = takeKnockLock({ file, waitMs: 60_000, signal: AbortSignal.timeout(20) });
    expect(await waits(aborted, 1000)).toBe(false);
    first.release();
  });
});

describe('the holder of a turn that asks its user for something', () => {
  it('is gone without after 65 s, as one that was stopped never goes on', async () => {
    const file = place();
    const stopped = await owned(take(file));
    stopped.setAsking(true);
    let skippedMs = 0;
    const clock = {
      ...realClock,
      nowMs: () => realClock.nowMs() + skippedMs,
      // A wait of a minute or more is over at once; the clock is moved on.
      startTimer: (callback: () => void, ms: number) => {
        const skip = () => {
          skippedMs += ms;
          callback();
        };
        return ms < 60_000 ? realClock.startTimer(callback, ms) : realClock.startTimer(skip, 0);
      },
    };
    expect((await takeKnockLock({ file, waitMs: 10_000, clock })).kind).toBe('none');
    expect(skippedMs).toBe(65_000);
    stopped.release();
  });

  it('is waited for as long as that takes', async () => {
    const file = place();
    const first = await owned(take(file));
    const early = take(file, 100);
    await waits(early, 20);
    first.setAsking(true);
    const late = take(file, 100);
    expect(await waits(Promise.race([early, late]), 400)).toBe(true);
    first.setAsking(false);
    first.release('door');
    expect(await Promise.all([early, late])).toEqual(Array(2).fill({ kind: 'opened', door: 'door' }));
  });

  it('is gone without the rest of the wait later', async () => {
    const file = place();
    const first = await owned(take(file));
    first.setAsking(true);
    const other = take(file, 100);
    expect(await waits(other, 300)).toBe(true);
    first.setAsking(false);
    const startedMs = performance.now();
    expect((await other).kind).toBe('none');
    expect(performance.now() - startedMs).toBeLessThan(200);
    first.release();
  });
});
