import type { Samples } from './pairing.ts';
import { medianDifference, pairedRatio, present, spread } from './stats.ts';
import { markdownTable, rangeText, spreadText, type Verdict } from './table.ts';

export const PLAIN = 'plain ssh, open port';
const EMPTY = 'node -e 0';

/** How much longer than the C limit and an empty Node a login may take, ms (issue 2). */
const MOST_OVERHEAD_MS = 20;
/** At most so much of the recipe's time (issue 2). */
const MOST_OF_RECIPE = 0.35;

/** The Node that runs the bench has no suffix, so that it has one name at all round trips. */
export function suffix(major: string): string {
  return major === process.versions.node.split('.')[0] ? '' : `, Node ${major}`;
}

export function emptyName(major: string): string {
  return `${EMPTY}${suffix(major)}`;
}

/** One round trip's ways: time, and the ratios to plain ssh and to the recipe pair by pair. */
export function loginTable(rttMs: string, samples: Samples): string {
  const names = Object.keys(samples).filter((name) => !name.startsWith(EMPTY));
  const [plain, recipe] = [samples[PLAIN]!, samples.recipe!];
  const rows = names.map((name) => [
    name,
    spreadText(spread(samples[name]!)),
    spreadText(pairedRatio(samples[name]!, plain), 2),
    spreadText(pairedRatio(samples[name]!, recipe), 2),
    `${present(samples[name]!).length}/${samples[name]!.length}`,
  ]);
  const header = ['way', 'ms', 'x plain ssh', 'x recipe', 'logged in'];
  return `Round trip ${rttMs} ms:\n\n${markdownTable(header, rows)}`;
}

/** The criteria of issue 2 for one Node version, from the samples without a wire. */
export function loginVerdicts(samples: Samples, major: string): Verdict[] {
  const empty = samples[emptyName(major)]!;
  return (['first contact', 'learned', 'fdpass'] as const).flatMap((kind): Verdict[] => {
    const login = samples[`knockproxy ${kind}${suffix(major)}`]!;
    // knockd looks for packets every 50 ms: which part of that a login waits is drawn anew each time.
    const over = medianDifference(login, [samples['C limit']!, empty]);
    const share = pairedRatio(login, samples.recipe!);
    const who = `Node ${major}, ${kind}`;
    return [
      [
        `${who}: over C limit + ${EMPTY}, at most ${MOST_OVERHEAD_MS} ms`,
        `${rangeText(over)} ms`,
        over.median <= MOST_OVERHEAD_MS,
      ],
      [`${who}: at most ${MOST_OF_RECIPE} x recipe`, spreadText(share, 3), share.median <= MOST_OF_RECIPE],
    ];
  });
}
