import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/config/settings.ts';
import { parseSshTime } from '../../../src/config/ssh-values.ts';
import type { Setting } from '../../../src/ssh-config/evaluate.ts';

/** Settings as a configuration would give them, slot by slot. */
const found = (values: Record<string, string>) =>
  new Map<string, Setting>(
    Object.entries(values).map(([slot, value], index) => [
      slot,
      { keyword: `knock${slot}`, words: value.split(' '), file: '/f', line: index + 1, raw: value },
    ]),
  );
const read = (values: Record<string, string>) => readSettings(found(values));

describe('readSettings', () => {
  it('has defaults for a host of which nothing is said', () => {
    expect(read({})).toEqual({ limitMs: 8000, isLimitSet: false, family: 0, fdpass: false, logLevel: 0 });
  });

  it('reads the door with where it stands', () => {
    expect(read({ door: '7000,8000:udp 9', delay: '20' }).door).toEqual({
      source: {
        kind: 'sequence',
        steps: [
          { port: 7000, protocol: 'tcp' },
          { port: 8000, protocol: 'udp' },
          { port: 9, protocol: 'tcp' },
        ],
      },
      delayMs: 20,
      where: '/f line 1',
    });
  });

  it.each(['none', 'None'])('takes %s for no door', (value) => {
    expect(read({ door: value }).door).toBeUndefined();
  });

  it.each([
    [{ timeout: '3' }, 3000],
    [{ timeout: '0.5' }, 500],
    [{ connecttimeout: '10' }, 8000],
    [{ connecttimeout: '5' }, 4500],
    [{ connecttimeout: '2' }, 1500],
    [{ connecttimeout: '1' }, 500],
    [{ timeout: '60', connecttimeout: '1m' }, 54_000],
    [{ timeout: '60', connecttimeout: '10' }, 9000],
    [{ connecttimeout: 'none' }, 8000],
    [{ connecttimeout: '0' }, 8000],
  ])('ends before ssh would: %j', (values, limitMs) => {
    expect(read(values).limitMs).toBe(limitMs);
  });

  it.each([
    ['QUIET', -3],
    ['error', -1],
    ['INFO', 0],
    ['VERBOSE', 1],
    ['DEBUG', 2],
    ['DEBUG1', 2],
    ['DEBUG3', 4],
    ['nonsense', 0],
  ])('knows LogLevel %s', (loglevel, level) => {
    expect(read({ loglevel }).logLevel).toBe(level);
  });

  it.each([
    [{ family: 'inet' }, { family: 4 }],
    [{ family: 'INET6' }, { family: 6 }],
    [{ family: 'any' }, { family: 0 }],
    [{ bindaddress: '192.0.2.1' }, { bindAddress: '192.0.2.1' }],
    [{ fdpass: 'yes' }, { fdpass: true }],
    [{ fdpass: 'no' }, { fdpass: false }],
  ])('reads %j', (values, expected) => {
    expect(read(values)).toMatchObject(expected);
  });

  it.each([
    [{ door: '7001,70000' }, '/f line 1: step 2'],
    [{ door: '7001', delay: 'abc' }, '/f line 2: KnockDelay must be between 0 and 60000 milliseconds'],
    [{ door: '7001', delay: '60001' }, '/f line 2'],
    [{ timeout: '0' }, '/f line 1'],
    [{ timeout: '3601' }, '/f line 1'],
    [{ timeout: '1 2' }, '/f line 1'],
  ])('names file and line of %j', (values, message) => {
    expect(() => read(values)).toThrow(message);
    expect(() => read(values)).not.toThrow(/7001|70000/);
  });
});

it.each([
  ['90', 90],
  ['1m30s', 90],
  ['1h', 3600],
  ['2D', 172_800],
  ['1w', 604_800],
  ['', undefined],
  ['none', undefined],
  ['1x', undefined],
  ['+5', 5],
  ['2147483647', 2147483647],
  ['2147483648', undefined],
  ['4000w', undefined],
  ['1'.repeat(40), undefined],
  [`${'1'.repeat(40)}x`, undefined],
  [`${'1m'.repeat(40)}x`, undefined],
])("parseSshTime('%s')", (text, seconds) => {
  expect(parseSshTime(text)).toBe(seconds);
});
