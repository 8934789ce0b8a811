import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { oneTimeSequences } from '../../../src/generate/one-time-list.ts';
import { readOneTimeSequences } from '../../../src/knockd/knockd-sequence.ts';

const crypto = (below: number) => randomInt(below);

describe('oneTimeSequences', () => {
  it('writes different lines of equal step count, each with a leading blank, and nothing else', () => {
    const { text, pool } = oneTimeSequences(crypto, 50, { count: 4 });
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(line).toMatch(/^ \d+:(tcp|udp)(,\d+:(tcp|udp)){3}$/);
    expect(new Set(lines).size).toBe(50);
    const sequences = readOneTimeSequences(text);
    expect(sequences.map((steps) => steps.length)).toEqual(Array(50).fill(4));
    expect(pool).toHaveLength(31);
    expect(pool).toEqual(expect.arrayContaining(sequences.flat()));
  });

  it.each([
    [1, {}, '--one-time must be a whole number from 2 to 10000'],
    [2.5, {}, '--one-time must be'],
    [10_001, {}, '--one-time must be'],
    [
      7,
      { count: 2, ports: [{ port: 1 }, { port: 2 }, { port: 3 }], protocols: ['tcp'] },
      'not enough different',
    ],
    [2, { count: 40 }, '--count must be'],
  ] as const)('refuses %d lines of %j', (lines, options, message) => {
    expect(() => oneTimeSequences(crypto, lines, options)).toThrow(message);
  });

  it('finds every line there is', () => {
    const ports = [{ port: 1 }, { port: 2 }, { port: 3 }];
    const { text } = oneTimeSequences(crypto, 6, { count: 2, ports, protocols: ['tcp'] });
    expect(new Set(text.trim().split('\n')).size).toBe(6);
  });
});

describe('readOneTimeSequences', () => {
  it('passes over used, blank and unreadable lines as knockd does', () => {
    const text = '#7000,8000\n  # 1,2\n\n 7001:udp , 7002\n70000\n7003:icmp\n7004';
    expect(readOneTimeSequences(text)).toEqual([
      [
        { port: 7001, protocol: 'udp' },
        { port: 7002, protocol: 'tcp' },
      ],
      [{ port: 7004, protocol: 'tcp' }],
    ]);
  });
});
