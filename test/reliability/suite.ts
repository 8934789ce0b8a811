import { expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { type Row, runRow } from './row.ts';

const LONGEST_ROW_MS = 120_000;

/** A short run of each row, whose times nobody judges; bench/certain.ts has the full one. */
export function describeRows(name: string, rows: readonly Row[]): void {
  describeBed(name, () => {
    test.each(rows)(
      '$name',
      async (row) => {
        const { complaints, figures } = await runRow(row, row.ci, { beside: 'asked' }, 'counts');
        expect(complaints, JSON.stringify(figures)).toEqual([]);
      },
      LONGEST_ROW_MS,
    );
  });
}
