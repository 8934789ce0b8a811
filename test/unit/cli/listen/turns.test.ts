import { beforeEach, describe, expect, it } from 'vitest';
import { Turns } from '../../../../src/cli/listen/turns.ts';

/** An opening that ends when the test says so. */
function opening() {
  let end = (_error?: unknown) => {};
  const opener = { count: 0, end: (error?: unknown) => end(error) };
  const open = () => {
    opener.count += 1;
    return new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
  };
  return Object.assign(opener, { open });
}

describe('clients at one door', () => {
  let turns: Turns;
  let first: ReturnType<typeof opening>;
  let leaving: AbortController;
  let leading: Promise<string>;
  const take = (open: () => Promise<void>, { signal } = new AbortController()) =>
    turns.take(open, signal).then(
      () => 'through',
      (error: Error) => error.message,
    );
  beforeEach(() => {
    turns = new Turns();
    first = opening();
    leaving = new AbortController();
    leading = take(first.open, leaving);
  });

  it('wait for the one that opens it, then all go through at once', async () => {
    const others = [opening(), opening()];
    const taken = others.map(({ open }) => take(open));
    expect(others.map(({ count }) => count)).toEqual([0, 0]);
    first.end();
    expect(await leading).toBe('through');
    await Promise.resolve();
    expect(others.map(({ count }) => count)).toEqual([1, 1]);
    for (const other of others) other.end();
    expect(await Promise.all(taken)).toEqual(['through', 'through']);
  });

  it('fail with it, without an opening of their own; the next one tries again', async () => {
    const [second, third] = [opening(), opening()];
    const taken = take(second.open);
    first.end(new Error('shut'));
    expect(await Promise.all([leading, taken])).toEqual(['shut', 'shut']);
    expect(second.count).toBe(0);
    const next = take(third.open);
    third.end();
    expect(await next).toBe('through');
  });

  it('go on when the one that opened it has left: one of them opens', async () => {
    const [second, third] = [opening(), opening()];
    const taken = [take(second.open), take(third.open)];
    leaving.abort();
    first.end(new Error('gone'));
    await leading;
    await new Promise(setImmediate);
    expect([second.count, third.count]).toEqual([1, 0]);
    second.end(new Error('shut'));
    expect(await Promise.all(taken)).toEqual(['shut', 'shut']);
  });
});
