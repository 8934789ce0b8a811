import { randomFrom, SEED } from './random.ts';

/** A median with the quartiles around it, in the unit of its samples. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** How many samples. */
  readonly count: number;
}

/** One sample a round; undefined: that round failed. */
export type Series = readonly (number | undefined)[];

const RESAMPLES = 4000;

/** Linear interpolation between the ordered samples; NaN of none. `share` is 0-1. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Median and quartiles of the rounds that did not fail. */
export function spread(series: Series): Spread {
  const samples = present(series);
  return {
    median: median(samples),
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
    count: samples.length,
  };
}

/** The median of a / b round by round, with its 95 % interval; rounds in which either failed are left out. */
export function pairedRatio(a: Series, b: Series): Spread {
  return medianOf(paired(a, b, (x, y) => x / y));
}

/**
 * The median of a less the medians of the others, with its 95 % interval: for times that owe their spread to something
 * that is drawn anew each time, which pairing would add instead of taking it away.
 */
export function medianDifference(a: Series, others: readonly Series[]): Spread {
  const samples = [a, ...others].map(present);
  return interval(samples, ([first, ...rest]) => rest.reduce((left, median) => left - median, first!));
}

/** The median of a - b round by round, with its 95 % interval. */
export function pairedDifference(a: Series, b: Series): Spread {
  return medianOf(paired(a, b, (x, y) => x - y));
}

export function present(series: Series): number[] {
  return series.filter((sample) => sample !== undefined);
}

function medianOf(samples: readonly number[]): Spread {
  return interval([samples], ([median]) => median!);
}

/** What follows from the medians of some groups, with the 95 % interval of the bootstrap (percentile method, Efron 1979). */
function interval(
  groups: readonly (readonly number[])[],
  combine: (medians: readonly number[]) => number,
): Spread {
  const random = randomFrom(SEED);
  const resampled = (samples: readonly number[]) =>
    samples.map(() => samples[Math.floor(random() * samples.length)]!);
  const results = Array.from({ length: RESAMPLES }, () =>
    combine(groups.map((samples) => median(resampled(samples)))),
  );
  return {
    median: combine(groups.map(median)),
    low: quantile(results, 0.025),
    high: quantile(results, 0.975),
    count: groups[0]!.length,
  };
}

function paired(a: Series, b: Series, combine: (x: number, y: number) => number): number[] {
  return present(
    a.map((x, round) => {
      const y = b[round];
      return x === undefined || y === undefined ? undefined : combine(x, y);
    }),
  );
}
