import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../../test/hardened/row.ts';
import { RTTS_MS } from '../../test/hardened/rows.ts';
import type { Login } from '../../test/hardened/stage.ts';
import type { BarPlot } from './plot.ts';
import type { Spread } from './stats.ts';
import { markdownTable } from './table.ts';

/** A row as results/hardened.json has it; one entry a login in each list. */
interface Result {
  readonly limit: string;
  readonly door: string;
  readonly rttMs: number;
  readonly control: Counts;
  readonly knockproxy: Counts;
}

type Counts = Readonly<Record<'opened' | 'ms' | 'syns' | 'sequences' | 'accepted', number[]>>;

const HEADER = ['limit: door', 'control', '1.0.0', 'knockproxy', 'SYNs', 'sequences', 'surplus', 'met'];

/** What version 1.0.0 came to, measured once by this bench. */
const BEFORE = fileURLToPath(new URL('../results/hardened-1.0.0.json', import.meta.url));

export function hardenedData({ row, control, knockproxy }: Verdict): Result {
  const { limiter, door, rttMs } = row;
  return {
    limit: limiter.name,
    door: door.name,
    rttMs,
    control: counts(control),
    knockproxy: counts(knockproxy),
  };
}

/** One row, for whoever watches the bench. */
export function rowLine({ row, control, knockproxy, complaints }: Verdict): string {
  const of = (logins: readonly Login[]) => {
    const { syns, sequences } = counts(logins);
    return `${logins.filter(({ opened }) => opened).length}, SYNs ${syns.join(' ')}, sequences ${sequences.join(' ')}`;
  };
  const met = complaints.length === 0 ? 'met' : 'MISSED';
  return `${row.name}: control ${of(control)}; knockproxy ${of(knockproxy)}; ${met}`;
}

/** One line for each limit and door; a figure for each round trip, and of SYNs and sequences for each login. */
export function hardenedText(verdicts: readonly Verdict[]): string {
  const results = verdicts.map(hardenedData);
  const before = resultsBefore();
  const lines = new Map(
    results.map((result) => [nameOf(result), results.filter((r) => nameOf(r) === nameOf(result))]),
  );
  const table = markdownTable(
    HEADER,
    [...lines].map(([name, group]) => [
      name,
      ...cells(
        group,
        before.filter((r) => nameOf(r) === name),
      ),
    ]),
  );
  const [got, gets] = [sum(results.map(({ control }) => sum(control.opened))), sum(results.map(gotToo))];
  return `${table}\n\nOf the ${got} logins that the control gets, knockproxy gets ${gets}.`;
}

/** By limit, the share of the control's logins that knockproxy gets too, over all doors and round trips. */
export function hardenedPlot(verdicts: readonly Verdict[]): BarPlot {
  const results = verdicts.map(hardenedData);
  const limits = [...new Set(results.map(({ limit }) => limit))];
  const shares = (all: readonly Result[]) =>
    limits.map((limit) => share(all.filter((result) => result.limit === limit)));
  return {
    title: 'Logins that knockproxy gets, of those that knock; sleep 0.3; ssh gets',
    axis: '%',
    categories: limits.map((limit) => limit.replace(' ', '\n')),
    series: { '1.0.0': shares(resultsBefore()), knockproxy: shares(results) },
  };
}

function nameOf({ limit, door }: Result): string {
  return `${limit}: ${door}`;
}

function cells(group: readonly Result[], before: readonly Result[]): string[] {
  const each = (cell: (result: Result) => string | number, of = group) =>
    RTTS_MS.map((rttMs) => of.filter((result) => result.rttMs === rttMs).map(cell)).join(', ');
  const surplus = sum(group.map(({ knockproxy: { accepted, opened } }) => sum(accepted) - sum(opened)));
  return [
    each(({ control }) => sum(control.opened)),
    each(({ knockproxy }) => sum(knockproxy.opened), before),
    each(({ knockproxy }) => sum(knockproxy.opened)),
    each(({ knockproxy }) => knockproxy.syns.join(' ')),
    each(({ knockproxy }) => knockproxy.sequences.join(' ')),
    String(surplus),
    group.every((result) => gotToo(result) === sum(result.control.opened)) ? 'yes' : '**no**',
  ];
}

/** Logins that both get, the n-th of one against the n-th of the other. */
function gotToo({ control, knockproxy }: Result): number {
  return sum(control.opened.map((opened, n) => opened * knockproxy.opened[n]!));
}

function share(results: readonly Result[]): Spread | undefined {
  if (results.length === 0) return undefined;
  const percent = (100 * sum(results.map(gotToo))) / sum(results.map(({ control }) => sum(control.opened)));
  return { count: results.length, median: percent, low: percent, high: percent };
}

function counts(logins: readonly Login[]): Counts {
  const list = (value: (login: Login) => number) => logins.map(value);
  return {
    opened: list(({ opened }) => Number(opened)),
    ms: list(({ ms }) => Math.round(ms)),
    syns: list(({ syns }) => syns),
    sequences: list(({ sequences }) => sequences),
    accepted: list(({ accepted }) => accepted),
  };
}

function resultsBefore(): readonly Result[] {
  return existsSync(BEFORE) ? JSON.parse(readFileSync(BEFORE, 'utf8')).data : [];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
