import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commit, describeMachine, machineLine } from './machine.ts';
import { type BarPlot, svgBars } from './plot.ts';
import { programHash } from './programs.ts';
import { SEED } from './random.ts';
import { type Verdict, verdictTable } from './table.ts';

/** What a bench has found out. */
export interface Findings {
  /** Markdown tables, each with the sentence that introduces it. */
  readonly text: string;
  readonly verdicts?: readonly Verdict[];
  readonly plot?: BarPlot;
  /** Samples and counts, for who wants to compute anew; JSON. */
  readonly data: unknown;
}

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

/**
 * Writes results/NAME.json and results/NAME.svg, and puts tables and plot into README.md between the comments
 * `<!-- NAME -->` and `<!-- /NAME -->`.
 */
export function publish(name: string, { text, verdicts = [], plot, data }: Findings): void {
  const machine = describeMachine();
  const about = { bench: name, machine, commit: commit(), program: programHash(), seed: SEED };
  mkdirSync(`${FOLDER}results`, { recursive: true });
  writeFileSync(`${FOLDER}results/${name}.json`, json({ ...about, verdicts, data }));
  if (plot !== undefined) writeFileSync(`${FOLDER}results/${name}.svg`, svgBars(plot));
  const markdown = [
    text,
    ...(verdicts.length > 0 ? [verdictTable(verdicts)] : []),
    ...(plot === undefined ? [] : [`![${plot.title}](results/${name}.svg)`]),
    `<sub>${machineLine(machine)}; seed ${SEED}, program ${about.program} at ${about.commit}</sub>`,
  ].join('\n\n');
  writeReadmePart(name, markdown);
  process.stdout.write(`\n${markdown}\n`);
}

/** Says why nothing was measured; what an earlier run has published stays. */
export function publishSkip(name: string, reason: string): void {
  process.stdout.write(`${name}: skipped, ${reason}\n`);
}

/** Puts Markdown into README.md between the comments of that name. */
export function writeReadmePart(name: string, markdown: string): void {
  const path = `${FOLDER}README.md`;
  const readme = readFileSync(path, 'utf8');
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`bench/README.md has no place for ${name}`);
  writeFileSync(path, `${readme.slice(0, from + begin.length)}\n${markdown}\n${readme.slice(to)}`);
}

/** JSON with one line for each leaf array, and numbers to a thousandth. */
function json(value: unknown): string {
  const rounded = (_key: string, item: unknown) =>
    typeof item === 'number' ? Math.round(item * 1000) / 1000 : item;
  const text = JSON.stringify(value, rounded, 1);
  return `${text.replace(/\[[^[\]{}]*\]/g, (array) => array.replace(/\s+/g, ' '))}\n`;
}
