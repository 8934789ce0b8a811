import { describe, expect, it, test } from 'vitest';
import { knock, openConfiguredDoor, openDoor } from '../../../src/index.ts';
import { abortable } from '../../../src/library/abortable.ts';
import type { KnockSequence, OpenDoorOptions } from '../../../src/library/options.ts';
import { stepsOf } from '../../../src/library/validate-options.ts';

const DOOR = { host: '127.0.0.1', sequence: '41373' };

describe('an option that is wrong is named before anything is sent', () => {
  test.each([
    [{ port: 0 }, 'port must be an integer from 1 to 65535'],
    [{ port: 65_536 }, 'port must be an integer from 1 to 65535'],
    [{ port: 22.5 }, 'port must be an integer from 1 to 65535'],
    [{ port: '22' }, 'port must be an integer from 1 to 65535'],
    [{ timeoutMs: 99 }, 'timeoutMs must be a number from 100 to 3600000'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be a number from 100 to 3600000'],
    [{ delayMs: 60_001 }, 'delayMs must be a number from 0 to 60000'],
    [{ sequenceTimeoutMs: 999 }, 'sequenceTimeoutMs must be a number from 1000 to 3600000'],
    [{ family: 5 }, 'family must be 0, 4 or 6'],
    [{ host: undefined }, 'host must be a name or an address'],
    [{ host: '-oProxyCommand=x' }, "host name '-oProxyCommand=x' begins with a dash"],
    [{ sequence: undefined }, 'a sequence is a string or a list of steps'],
    [{ sequence: [] }, 'the knock sequence is empty'],
    [{ sequence: '41373,70000' }, 'step 2 of the knock sequence: the port is not a number from 1 to 65535'],
    [{ closeSequence: '' }, 'the knock sequence is empty'],
  ])('%j', async (wrong, message) => {
    const opening = openDoor({ ...DOOR, ...wrong } as OpenDoorOptions);
    await expect(opening).rejects.toMatchObject({ name: 'KnockproxyError', message, exitCode: 2 });
  });
});

describe('steps', () => {
  it('come from text and from a list', () => {
    const steps = [
      { port: 7000, protocol: 'tcp' },
      { port: 8000, protocol: 'udp' },
    ] as const;
    expect(stepsOf('7000,8000:udp')).toEqual(steps);
    expect(stepsOf(steps)).toEqual(steps);
  });

  it('keep their payload', () => {
    const payload = () => Buffer.from('knock');
    expect(stepsOf([{ port: 7000, protocol: 'udp', payload }])).toEqual([
      { port: 7000, protocol: 'udp', payload },
    ]);
  });

  it('keep their data', () => {
    const steps = [
      { port: 0, protocol: 'icmp', data: 'size=64' },
      { port: 0, protocol: 'icmp' },
      { port: 7000, protocol: 'udp', data: 'hex=00ff' },
    ] as const;
    expect(stepsOf(steps)).toEqual(steps);
  });

  test.each([
    [[undefined]],
    [[{ port: 7000, protocol: 'udp', data: 'hex=00,7000' }]],
    [[{ port: 7000, protocol: 'udp', data: 'knock' }]],
    [[{ port: 0, protocol: 'icmp', data: 'hex=00' }]],
    [[{ port: 70_000, protocol: 'tcp' }]],
    [[{ port: 7000, protocol: 'icmp' }]],
    [[{ port: '7000:udp', protocol: 'tcp' }]],
    [Array(32).fill({ port: 7000, protocol: 'tcp' })],
    [{ port: 7000 }],
  ])('are refused when they are wrong: %j', (wrong) => {
    const refused = () => stepsOf(wrong as unknown as KnockSequence);
    expect(refused).toThrow(expect.objectContaining({ name: 'KnockproxyError' }));
    expect(refused).not.toThrow(/7000/);
  });
});

describe('a signal', () => {
  const why = new Error('enough');

  test.each([
    ['openDoor', (signal: AbortSignal) => openDoor({ ...DOOR, signal })],
    ['openConfiguredDoor', (signal: AbortSignal) => openConfiguredDoor('127.0.0.1', { signal })],
    ['knock', (signal: AbortSignal) => knock({ ...DOOR, signal })],
  ])('that was aborted before keeps %s from beginning', async (_, begin) => {
    await expect(begin(AbortSignal.abort(why))).rejects.toBe(why);
  });

  it('gives what comes too late to be discarded', async () => {
    const { signal, abort } = breaker();
    let yieldIt = (_: string) => {};
    const discarded: string[] = [];
    const work = () => new Promise<string>((resolve) => (yieldIt = resolve));
    const result = abortable(signal, work, (late) => discarded.push(late));
    abort(why);
    await expect(result).rejects.toBe(why);
    yieldIt('a socket');
    await new Promise(setImmediate);
    expect(discarded).toEqual(['a socket']);
  });

  it('has no say once the work is done, and keeps no listener', async () => {
    const { signal, abort } = breaker();
    const discarded: string[] = [];
    const result = await abortable(
      signal,
      async () => 'a socket',
      (late) => discarded.push(late),
    );
    abort(why);
    await new Promise(setImmediate);
    expect([result, discarded]).toEqual(['a socket', []]);
  });
});

test('errors of Node, whose texts may hold a port, are not passed on', async () => {
  const error = new Error('connect ECONNREFUSED 127.0.0.1:41373');
  const work = () => Promise.reject(error);
  const told = await abortable(undefined, work).catch((error: Error) => error);
  expect(told).toMatchObject({ name: 'KnockproxyError' });
  expect(JSON.stringify([told, (told as Error).message, (told as Error).cause])).not.toContain('41373');
});

function breaker() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (why: Error) => controller.abort(why) };
}
