import { expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { type Row, runRow } from './row.ts';

/** Other tests run at the same time, on machines of two cores, and ten logins have no 95th percentile to speak of. */
const CI_SLACK = 5;
const LONGEST_ROW_MS = 120_000;

/** A short run of each row; bench/certain.ts has the full one. */
export function describeRows(name: string, rows: readonly Row[]): void {
  describeBed(name, () => {
    test.each(rows)(
      '$name',
      async (row) => {
        const { complaints, figures } = await runRow(row, row.ci, { beside: 'asked' }, CI_SLACK);
        expect(complaints, JSON.stringify(figures)).toEqual([]);
      },
      LONGEST_ROW_MS,
    );
  });
}
