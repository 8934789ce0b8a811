/**
 * The table of issue "Certain", in full: npx tsx bench/certain.ts [--rounds N] [--no-recipe] [ROW...]
 *
 * ROW is (a part of) a row's name; without one, all rows run. Prints a Markdown table as rows come in, complaints
 * below it, and writes all figures to the file that CERTAIN_JSON names, or to stdout.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bedUnavailable } from '../test/bed/index.ts';
import { type How, type Row, runRow, type Verdict } from '../test/certain/row.ts';
import { ROWS } from '../test/certain/rows.ts';

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

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, 'no-recipe': { type: 'boolean' } },
  });
  const reason = bedUnavailable();
  if (reason !== undefined) throw new Error(`no test bed here: ${reason}`);
  const rows = ROWS.filter(({ name }) => positionals.length === 0 || positionals.some(isPartOf(name)));
  if (rows.length === 0)
    throw new Error(`no such row; there are: ${ROWS.map(({ name }) => name).join('; ')}`);
  console.log(`times in ms; wire seed ${process.env.BED_SEED ?? 1}\n`);
  console.log(`${line(COLUMNS)}\n${line(COLUMNS.map(() => '---'))}`);
  const verdicts: Verdict[] = [];
  for (const row of rows) {
    verdicts.push(
      await measure(row, Number(values.rounds ?? row.full), values['no-recipe'] ? 'limit' : 'recipe'),
    );
    // After each row: an hour's figures shall not be lost with the last one.
    if (process.env.CERTAIN_JSON) writeFileSync(process.env.CERTAIN_JSON, `${asJson(verdicts)}\n`);
  }
  if (!process.env.CERTAIN_JSON) console.log(`\n\`\`\`json\n${asJson(verdicts)}\n\`\`\``);
  if (verdicts.some(({ complaints }) => complaints.length > 0)) process.exitCode = 1;
}

function asJson(verdicts: readonly Verdict[]): string {
  return JSON.stringify({ at: new Date(), node: process.version, verdicts }, null, 1);
}

function isPartOf(name: string): (part: string) => boolean {
  return (part) => name.toLowerCase().includes(part.toLowerCase());
}

async function measure(row: Row, rounds: number, beside: How['beside']): Promise<Verdict> {
  const verdict = await runRow(row, rounds, { beside });
  console.log(line(cells(verdict)));
  for (const complaint of verdict.complaints) console.error(`  ${row.name}: ${complaint}`);
  return verdict;
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

function line(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

await main();
