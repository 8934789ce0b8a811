import type { Spread } from './stats.ts';

/** A Markdown table; the first column is left-aligned, the others are figures. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? '---' : '--:'));
  return [header, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `412 (398-431)`: the median and what `low` and `high` are, quartiles or a 95 % interval. */
export function spreadText({ median, low, high, count }: Spread, digits = 0): string {
  if (count === 0) return '-';
  return `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}

/** Like spreadText() for values that may be negative. */
export function rangeText({ median, low, high, count }: Spread, digits = 0): string {
  if (count === 0) return '-';
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

export type Verdict = readonly [criterion: string, figure: string, met: boolean];

/** What was asked for, what came out, and whether that is enough. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  return markdownTable(
    ['criterion', 'figure', 'met'],
    verdicts.map(([criterion, figure, met]) => [criterion, figure, met ? 'yes' : '**no**']),
  );
}
