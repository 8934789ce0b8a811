import { expect, test } from 'vitest';
import { runRow, summary } from '../hardened/row.ts';
import { CI_ROWS } from '../hardened/rows.ts';
import { cannotRun, describeBed } from '../netns/describe.ts';

const LONGEST_ROW_MS = 120_000;

/** A second run where the first one fails: on a busy machine one packet too late is a login too few. */
const BUSY = { timeout: LONGEST_ROW_MS, retry: 2 };

describeBed('every login that `knock; sleep 0.3; ssh` gets, knockproxy gets:', () => {
  for (const row of CI_ROWS) {
    const reason = row.limiter.unavailable?.();
    if (reason !== undefined) {
      cannotRun(row.name, reason, undefined, row.limiter.isExcused?.());
      continue;
    }
    test(row.name, BUSY, async () => {
      const { complaints, control, knockproxy } = await runRow(row);
      expect(complaints, `control: ${summary(control)}; knockproxy: ${summary(knockproxy)}`).toEqual([]);
    });
  }
});
