import type { Verdict } from '../../test/reliability/row.ts';
import type { BarPlot } from './plot.ts';
import type { Spread } from './stats.ts';
import { markdownTable } from './table.ts';

const COLUMNS = [
  'case',
  'opened',
  'median',
  'p95',
  'max',
  'sequences (most)',
  'SYNs',
  'strays %',
  'C limit, node',
  'above',
  'recipe',
  'more',
];

/** The first two lines of the table, for whoever prints it line by line. */
export function certainHeader(): string {
  return markdownTable(COLUMNS, []);
}

export function certainLine(verdict: Verdict): string {
  return `| ${cells(verdict).join(' | ')} |`;
}

/** The whole table, and below it what was missed. */
export function certainText(verdicts: readonly Verdict[]): string {
  const missed = verdicts.flatMap(({ row, complaints }) => complaints.map((text) => `- ${row}: ${text}`));
  const below = missed.length === 0 ? 'Every figure asked for was met.' : `Missed:\n\n${missed.join('\n')}`;
  return `${markdownTable(COLUMNS, verdicts.map(cells))}\n\n${below}`;
}

/** The rows that were measured at first contact and learned: median, with a whisker up to the 95th percentile. */
export function certainPlot(verdicts: readonly Verdict[]): BarPlot {
  const find = (name: string) => verdicts.find(({ row }) => row === name)?.figures;
  const lines = verdicts.flatMap(({ row }) => /^(.*), first$/.exec(row)?.[1] ?? []);
  const bars = (which: string) =>
    lines.map((name): Spread | undefined => {
      const figures = find(`${name}, ${which}`);
      return figures && bar(figures.opened, figures.medianMs, figures.p95Ms);
    });
  return {
    title: 'From start to banner over bad lines; the recipe: only what it opened',
    axis: 'ms, median and 95th percentile',
    categories: lines.map((name) => name.replace(/ \+ /g, '\n+ ').replace('duplication ', 'doubled\n')),
    series: {
      'first contact': bars('first'),
      learned: bars('learned'),
      recipe: lines.map((name) => {
        const { recipeOpened = 0, recipeMs = Number.NaN } = find(`${name}, first`)?.extra ?? {};
        return bar(recipeOpened, recipeMs, recipeMs);
      }),
    },
  };
}

function bar(count: number, median: number, high: number): Spread {
  return { count, median, low: median, high };
}

/** Figures that every row has are cells; what else a row measures stands in the last one. */
function cells({ row, figures: f, seconds }: Verdict): string[] {
  const { limitMs, nodeMs, aboveLimitMs, recipes, recipeOpened, recipeMs, ...more } = f.extra;
  return [
    row,
    `${f.opened} of ${f.logins}`,
    ...[f.medianMs, f.p95Ms, f.maxMs].map(number),
    `${f.sequences} (${f.mostSequences})`,
    number(f.medianSyns),
    Number.isNaN(f.strayPct) ? '' : f.strayPct.toFixed(1),
    limitMs === undefined ? '' : `${number(limitMs)}, ${number(nodeMs)}`,
    number(aboveLimitMs),
    recipes === undefined ? '' : `${recipeOpened} of ${recipes}, ${number(recipeMs)}`,
    [...Object.entries(more).map(([name, value]) => `${name} ${number(value)}`), `${number(seconds)} s`].join(
      '; ',
    ),
  ];
}

function number(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(Math.round(value));
}
