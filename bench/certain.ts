import { runRow, type Verdict } from '../test/reliability/row.ts';
import { ROWS } from '../test/reliability/rows.ts';
import { certainHeader, certainLine, certainPlot, certainText } from './lib/certain-report.ts';
import { publish } from './lib/publish.ts';

/**
 * The rows that the end-to-end tests run in short, in full: doors, lines and crowds that make it hard to log in.
 * BENCH_ROUNDS shortens them; BENCH_ROWS (`loss 10 %,crowd`: parts of names) runs some and publishes nothing.
 *
 * @throws when BENCH_ROWS names none.
 */
export async function run(): Promise<void> {
  const wanted = process.env.BENCH_ROWS?.toLowerCase().split(',');
  const rows = ROWS.filter(({ name }) => wanted?.some((part) => name.toLowerCase().includes(part)) ?? true);
  if (rows.length === 0)
    throw new Error(`BENCH_ROWS: no such row; there are ${ROWS.map(({ name }) => name).join('; ')}`);
  console.log(certainHeader());
  const verdicts: Verdict[] = [];
  for (const row of rows) {
    const verdict = await runRow(row, Number(process.env.BENCH_ROUNDS ?? row.full), { beside: 'recipe' });
    console.log(certainLine(verdict));
    for (const complaint of verdict.complaints) console.error(`  ${row.name}: ${complaint}`);
    verdicts.push(verdict);
  }
  if (wanted === undefined)
    publish('certain', { text: certainText(verdicts), plot: certainPlot(verdicts), data: verdicts });
  if (verdicts.some(({ complaints }) => complaints.length > 0)) process.exitCode = 1;
}
