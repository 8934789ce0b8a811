import type { Row } from './rows.ts';
import { type Login, Stage } from './stage.ts';

export interface Verdict {
  readonly row: Row;
  readonly control: readonly Login[];
  readonly knockproxy: readonly Login[];
  /** One line for each login that only the control gets. */
  readonly complaints: readonly string[];
}

/** Logs in both ways, from addresses that the server has not seen before. */
export async function runRow(row: Row): Promise<Verdict> {
  await using stage = await Stage.open(row);
  const control = await stage.logins('control');
  const knockproxy = await stage.logins('knockproxy');
  const complaints = knockproxy.flatMap((login, n) =>
    control[n]!.opened && !login.opened ? [complaint(login, n)] : [],
  );
  return { row, control, knockproxy, complaints };
}

/** The figures of one side, for a message: `ok 1 SYN, lost 12 SYNs`. */
export function summary(logins: readonly Login[]): string {
  return logins
    .map(({ opened, syns, sequences }) => `${opened ? 'ok' : 'lost'} ${syns}/${sequences}`)
    .join(', ');
}

function complaint({ ms, syns, sequences, stderr }: Login, n: number): string {
  const line = stderr.split('\n').find((text) => text.startsWith('knockproxy: error')) ?? stderr.trim();
  return `login ${n + 1} failed after ${Math.round(ms)} ms, ${syns} SYNs, ${sequences} sequences: ${line}`;
}
