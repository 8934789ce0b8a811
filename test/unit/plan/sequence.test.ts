import { describe, expect, it } from 'vitest';
import { formatSequence } from '../../../src/plan/format-sequence.ts';
import {
  KNOCKS_ON_SSH,
  knocksOnSsh,
  MAX_STEPS,
  parseSequence,
  type Step,
} from '../../../src/plan/sequence.ts';

const TCP = { port: 7000, protocol: 'tcp' };
const udp = (data: string) => ({ port: 8000, protocol: 'udp', data });

const show = (text: string, udp?: 'udp') =>
  parseSequence(text, udp)
    .map(({ port, protocol }) => `${port}/${protocol}`)
    .join(' ');

describe('parseSequence', () => {
  it.each([
    ['7000', '7000/tcp'],
    ['1,65535', '1/tcp 65535/tcp'],
    ['7000:tcp,8000:udp,9000', '7000/tcp 8000/udp 9000/tcp'],
    ['7000 8000:udp\t9000', '7000/tcp 8000/udp 9000/tcp'],
    ['7000 , 8000:UDP,  9000', '7000/tcp 8000/udp 9000/tcp'],
    [' 7000,7000 ', '7000/tcp 7000/tcp'],
  ])('reads %j', (text, expected) => {
    expect(show(text)).toBe(expected);
  });

  it.each([
    ['icmp', [{ port: 0, protocol: 'icmp' }], 'icmp'],
    ['7000 ICMP:0', [TCP, { port: 0, protocol: 'icmp', data: 'size=0' }], '7000:tcp,icmp:0'],
    ['icmp:65507', [{ port: 0, protocol: 'icmp', data: 'size=65507' }], 'icmp:65507'],
    ['8000:udp:size=64,7000', [udp('size=64'), TCP], '8000:udp:size=64,7000:tcp'],
    ['8000:UDP:hex=00fF', [udp('hex=00fF')], '8000:udp:hex=00fF'],
    ['8000:udp:text=a:b=c%2c%20d', [udp('text=a:b=c%2c%20d')], '8000:udp:text=a:b=c%2c%20d'],
  ])('reads and writes %j', (text, steps, written) => {
    expect(parseSequence(text)).toEqual(steps);
    expect(formatSequence(steps as Step[])).toBe(written);
    expect(parseSequence(written)).toEqual(steps);
  });

  it('takes another default protocol', () => {
    expect(show('7000 8000:tcp', 'udp')).toBe('7000/udp 8000/tcp');
  });

  it(`takes ${MAX_STEPS} steps and no more`, () => {
    const steps = (count: number) => Array.from({ length: count }, (_, i) => 7000 + i).join(',');
    expect(parseSequence(steps(MAX_STEPS))).toHaveLength(MAX_STEPS);
    expect(() => parseSequence(steps(MAX_STEPS + 1))).toThrow('has 32 steps');
  });

  it.each([
    ['', 'is empty'],
    [' \t', 'is empty'],
    ['7000,,8000', 'step 2 of the knock sequence is empty'],
    ['7000,', 'step 2'],
    ['0', 'step 1'],
    ['65536', 'step 1'],
    ['1234,70000', 'step 2'],
    ['1234,22:icmp', 'step 2'],
    ['1234,7000:tcp:udp', 'step 2'],
    ['1234,:udp', 'step 2'],
    ['1234,7e3', 'step 2'],
    ['1234,-1', 'step 2'],
    ['1234,icmp:', 'step 2'],
    ['1234,icmp:65508', 'step 2'],
    ['1234,icmp:size=7', 'step 2'],
    ['1234,7000:tcp:size=7', 'only a udp step has a payload'],
    ['1234,7000:size=7', 'step 2'],
    ['1234,7000:udp:', 'step 2'],
    ['1234,7000:udp:size=65508', 'step 2'],
    ['1234,7000:udp:size=', 'step 2'],
    ['1234,7000:udp:hex=', 'step 2'],
    ['1234,7000:udp:hex=abc', 'step 2'],
    ['1234,7000:udp:hex=xy', 'step 2'],
    ['1234,7000:udp:text=', 'step 2'],
    ['1234,7000:udp:text=%', 'step 2'],
    ['1234,7000:udp:text=%zz', 'step 2'],
    ['1234,7000:udp:text="icmp"', 'step 2'],
    ['1234,7000:udp:knock', 'step 2'],
  ])('refuses %j without repeating it', (text, message) => {
    expect(() => parseSequence(text)).toThrow(message);
    expect(() => parseSequence(text)).not.toThrow(/1234|7000|7e3|65508|icmp|xy|abc|zz/);
  });
});

it.each([
  ['7001,7002', 2222, false],
  ['7001,22', 2222, true],
  ['7001,22:udp', 22, false],
  ['7001,2222', 2222, true],
  ['7001,2222:udp,7003', 2222, false],
])('knocksOnSsh(%s), opening port %i: %s', (text, port, expected) => {
  expect(knocksOnSsh(parseSequence(text), port)).toBe(expected);
});

it('what is said of it names no step', () => {
  expect(KNOCKS_ON_SSH.text).not.toMatch(/step|\d (of|is)/);
});
