import { runRow, type Verdict } from '../test/hardened/row.ts';
import { ROWS, type Row } from '../test/hardened/rows.ts';
import { hardenedData, hardenedPlot, hardenedText, rowLine } from './lib/hardened-report.ts';
import { publish } from './lib/publish.ts';

/**
 * Servers that limit new connections to the hidden port: whether knockproxy gets every login that
 * `knock; sleep 0.3; ssh` gets. BENCH_ROWS (`ufw,three stages`: parts of names) runs some and publishes nothing.
 *
 * @throws when BENCH_ROWS names none.
 */
export async function run(): Promise<void> {
  const wanted = process.env.BENCH_ROWS?.toLowerCase().split(',');
  const rows = ROWS.filter(({ name }) => wanted?.some((part) => name.toLowerCase().includes(part)) ?? true);
  if (rows.length === 0)
    throw new Error(`BENCH_ROWS: no such row; there are ${ROWS.map(({ name }) => name).join('; ')}`);
  const verdicts: Verdict[] = [];
  for (const row of rows) verdicts.push(...(await measure(row)));
  if (wanted === undefined)
    publish('hardened', {
      text: hardenedText(verdicts),
      plot: hardenedPlot(verdicts),
      data: verdicts.map(hardenedData),
    });
  if (verdicts.some(({ complaints }) => complaints.length > 0)) process.exitCode = 1;
}

/** Nothing where the limit cannot be had. */
async function measure(row: Row): Promise<Verdict[]> {
  const reason = row.limiter.unavailable?.();
  if (reason !== undefined) {
    console.log(`${row.name}: skipped, ${reason}`);
    return [];
  }
  const verdict = await runRow(row);
  console.log(rowLine(verdict));
  for (const complaint of verdict.complaints) console.error(`  ${row.name}: ${complaint}`);
  return [verdict];
}
