import { randomFrom, SEED, shuffled } from './random.ts';

/** One thing to measure. */
export interface Case {
  readonly name: string;
  /** One run; undefined when it failed. The unit is the caller's. */
  measure(): Promise<number | undefined>;
}

/** By case name, a sample for each round. */
export type Samples = Record<string, (number | undefined)[]>;

/**
 * Measures every case once a round, in an order that is new each round, so that whatever else the machine does
 * hits all cases alike and rounds can be compared pair by pair. Progress goes to stderr.
 */
export async function interleaved(title: string, cases: readonly Case[], rounds: number): Promise<Samples> {
  const random = randomFrom(SEED);
  const samples: Samples = Object.fromEntries(cases.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`\r\x1b[K${title}: round ${round} of ${rounds}`);
    for (const { name, measure } of shuffled(cases, random)) samples[name]!.push(await measure());
  }
  process.stderr.write(`\r\x1b[K${title}: ${rounds} rounds\n`);
  return samples;
}

/** How many rounds: the environment variable BENCH_ROUNDS, for a quick look, else what the bench asks for. */
export function roundsOr(usual: number): number {
  return Number(process.env.BENCH_ROUNDS ?? usual);
}
