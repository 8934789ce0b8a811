import { describe, expect, it } from 'vitest';
import { makeScale, ticks } from '../../../../src/check/picture/scale.ts';

describe('the scale', () => {
  it('is linear', () => {
    const { at, segments } = makeScale([10, 40, 100]);
    expect([0, 25, 100].map(at)).toEqual([0, 0.25, 1]);
    expect(segments.some(({ isBreak }) => isBreak)).toBe(false);
  });

  it('shortens a gap that is longer than all the rest', () => {
    const { at, segments } = makeScale([10, 910, 960, 1010]);
    expect(segments.filter(({ isBreak }) => isBreak)).toMatchObject([{ fromMs: 10, toMs: 910 }]);
    expect(at(910) - at(10)).toBeCloseTo(0.14);
    expect(at(960) - at(910)).toBeCloseTo(at(1010) - at(960));
    expect(at(1010)).toBeCloseTo(1);
  });

  it('shortens the two of two addresses', () => {
    const { segments } = makeScale([10, 910, 1010, 1910, 2010]);
    expect(segments.filter(({ isBreak }) => isBreak)).toHaveLength(2);
  });

  it('shortens nothing of a short check', () => {
    expect(makeScale([2, 60, 70]).segments.some(({ isBreak }) => isBreak)).toBe(false);
  });

  it('holds for a check of no time', () => {
    expect(makeScale([]).at(0)).toBe(0);
  });
});

describe('the ticks', () => {
  it.each([
    [120, 50, ['0', '20', '40', '60', '80', '100']],
    [8000, 50, ['0', '2000', '4000', '6000']],
    [
      8000,
      120,
      [
        '0',
        '500',
        '1000',
        '1500',
        '2000',
        '2500',
        '3000',
        '3500',
        '4000',
        '4500',
        '5000',
        '5500',
        '6000',
        '6500',
        '7000',
        '7500',
      ],
    ],
    [3, 50, ['0', '1', '2', '3']],
  ])('of %d ms in %d characters', (ms, width, expected) => {
    expect(ticks(makeScale([ms]), width).map(({ text }) => text)).toEqual(expected);
  });

  it('leave a break out', () => {
    expect(ticks(makeScale([10, 910, 960, 1010]), 50).map(({ text }) => text)).toEqual([
      '0',
      '920',
      '940',
      '960',
      '980',
      '1000',
    ]);
  });
});
