import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { randomSequence, type SequenceOptions } from '../../../src/generate/random-sequence.ts';
import { formatSequence } from '../../../src/plan/format-sequence.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';

const crypto = (below: number) => randomInt(below);
const ports = (...list: number[]) => list.map((port) => ({ port }));

describe('randomSequence', () => {
  it('has 10 steps of 10 different ports from 10000 to 65535, tcp and udp', () => {
    const all = Array.from({ length: 200 }, () => randomSequence(crypto));
    for (const steps of all) {
      expect(steps).toHaveLength(10);
      expect(new Set(steps.map(({ port }) => port)).size).toBe(10);
      for (const { port } of steps) expect(port).toSatisfy((n: number) => n >= 10_000 && n <= 65_535);
    }
    const udp = all.flat().filter(({ protocol }) => protocol === 'udp').length;
    expect(udp).toBeGreaterThan(850); // 1000 +- 22 (one standard deviation)
    expect(udp).toBeLessThan(1150);
  });

  it('draws every order of a short list equally often', () => {
    const seen = new Map<string, number>();
    for (let n = 0; n < 6000; n++) {
      const options: SequenceOptions = { count: 2, ports: ports(1, 2, 3), protocols: ['tcp'] };
      const text = formatSequence(randomSequence(crypto, options));
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(175); // 6 standard deviations
  });

  it('asks its source only for what it needs: one port and one protocol a step', () => {
    const asked: number[] = [];
    const steps = randomSequence((below) => asked.push(below) * 0, { count: 3, ports: ports(7, 8, 9) });
    expect(asked).toEqual([3, 2, 2, 2, 1, 2]);
    expect(formatSequence(steps)).toBe('7:tcp,9:tcp,8:tcp');
  });

  it.each<[string, SequenceOptions, string[]]>([
    [
      'a range of just enough',
      { count: 3, min: 65_533, protocols: ['udp'] },
      ['65533:udp', '65534:udp', '65535:udp'],
    ],
    [
      'a list in which a port has its protocol',
      {
        count: 2,
        ports: [
          { port: 53, protocol: 'udp' },
          { port: 443, protocol: 'tcp' },
        ],
      },
      ['443:tcp', '53:udp'],
    ],
    ['a list that repeats itself', { count: 1, ports: ports(80, 80), protocols: ['tcp'] }, ['80:tcp']],
    [
      'what is not excluded',
      { count: 1, ports: ports(22, 80), exclude: [22], protocols: ['tcp'] },
      ['80:tcp'],
    ],
    [
      'a list without the ports of another protocol',
      { count: 1, ports: [{ port: 53, protocol: 'udp' }, { port: 80 }], protocols: ['tcp'] },
      ['80:tcp'],
    ],
  ])('takes %s', (_, options, expected) => {
    const text = formatSequence(randomSequence(crypto, options), 'knock');
    expect(text.split(' ').sort()).toEqual(expected);
  });

  it.each<[SequenceOptions, string]>([
    [{ count: 0 }, '--count must be a whole number from 1 to 31'],
    [{ count: 32 }, '--count must be'],
    [{ count: 1.5 }, '--count must be'],
    [{ min: 0 }, '--min must be a whole number from 1 to 65535'],
    [{ max: 65_536 }, '--max must be'],
    [{ min: 20_000, max: 10_000 }, '10 steps need 10 different ports, but only 0 are available'],
    [{ min: 10_000, max: 10_008 }, '10 steps need 10 different ports, but only 9 are available'],
    [{ min: 10_000, max: 10_009, exclude: [10_004] }, 'only 9 are available'],
    [{ count: 2, ports: ports(80, 80) }, 'only 1 is available'],
    [{ count: 1, ports: [{ port: 53, protocol: 'udp' }], protocols: ['tcp'] }, 'only 0 are available'],
    [{ ports: ports(0) }, 'a port of --ports must be'],
    [{ protocols: [] }, '--protocols is empty'],
  ])('refuses %j', (options, message) => {
    expect(() => randomSequence(crypto, options)).toThrow(message);
    expect(() => randomSequence(crypto, options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('formatSequence', () => {
  it.each(['knockd', 'knock'] as const)('writes a form of %s that reads back', (form) => {
    const steps = randomSequence(crypto, { count: 31 });
    expect(parseSequence(formatSequence(steps, form), 'udp')).toEqual(steps);
  });
});
