import { describe, expect, it } from 'vitest';
import { layOut } from '../../../../src/check/picture/picture.ts';
import type { Trace } from '../../../../src/check/picture/trace.ts';
import { TRACES } from './traces.ts';

const laneOf = (trace: Trace, label: string) => layOut(trace, '').lanes.find((lane) => lane.label === label);

describe('the time in which the door stood open', () => {
  it('begins with the connect that got in; before it, since the last that did not, it may have been open', () => {
    expect(laneOf(TRACES.ok, 'open')?.bars).toEqual([
      { style: 'maybe', fromMs: 930.5, toMs: 993 },
      { style: 'open', fromMs: 993, toMs: 1019, goesOn: true },
    ]);
  });

  it('ends with the close sequence', () => {
    expect(laneOf(TRACES.closed, 'open')?.bars.at(-1)).toEqual({ style: 'open', fromMs: 993, toMs: 1240 });
    expect(laneOf(TRACES.closed, 'after')?.note).toBe('closed again');
  });

  it('goes on if the close sequence did not close it', () => {
    const [address] = TRACES.closed.addresses;
    const after = { fromMs: 1240, toMs: 1250, answer: 'open' as const };
    const trace = { ...TRACES.closed, addresses: [{ ...address!, after }] };
    expect(laneOf(trace, 'open')?.bars.at(-1)).toMatchObject({ toMs: 1250, goesOn: true });
    expect(laneOf(trace, 'after')?.note).toBe('still open');
  });

  it('begins with a refusal where nothing listens', () => {
    expect(laneOf(TRACES.vain, 'open')).toMatchObject({ note: 'nothing listens' });
    expect(laneOf(TRACES.vain, 'open')?.bars.at(-1)).toMatchObject({ style: 'open', fromMs: 988 });
  });

  it('is all the time where no knock is necessary', () => {
    expect(laneOf(TRACES.openBefore, 'open')).toMatchObject({ note: 'without a knock' });
  });

  it('begins with the answer if the kernel had sent the SYN again', () => {
    const connects = [{ fromMs: 1000, toMs: 2010, answer: 'open' as const }];
    const trace = { ...TRACES.ok, addresses: [{ ...TRACES.ok.addresses[0]!, connects, banner: undefined! }] };
    expect(laneOf(trace, 'open')?.bars.at(-1)).toMatchObject({ fromMs: 2010 });
  });

  it('is nothing for a door that stays shut', () => {
    expect(laneOf(TRACES.shut, 'open')).toBeUndefined();
  });
});

it('a phase of no time has no lane', () => {
  expect(
    layOut(TRACES.ok, '')
      .lanes.map(({ label }) => label)
      .slice(0, 3),
  ).toEqual(['config', 'name', 'before']);
});

it('two addresses have headings, one has none', () => {
  const headings = (trace: Trace) => layOut(trace, '').lanes.filter(({ label }) => /^IPv/.test(label)).length;
  expect([headings(TRACES.ok), headings(TRACES.both)]).toEqual([0, 2]);
});

it('connects that overlap in time are in lanes of their own', () => {
  for (const { bars } of layOut(TRACES.shut, '').lanes) {
    for (const [index, { fromMs }] of bars.entries())
      expect(fromMs).toBeGreaterThanOrEqual(bars[index - 1]?.toMs ?? 0);
  }
});
