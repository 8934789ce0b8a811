import { type Figures, figuresOf } from './figures.ts';
import type { Login } from './login.ts';
import { Stage, type StageOptions } from './stage.ts';

/** One case of the table that knockproxy must pass: the end-to-end tests and bench/certain.ts run the same rows. */
export interface Row {
  /** Unique. */
  readonly name: string;
  readonly stage: StageOptions;
  /** How many rounds (mostly logins) in full, and in CI. */
  readonly full: number;
  readonly ci: number;
  readonly run: (stage: Stage, rounds: number, how: How) => Promise<Outcome>;
  readonly asks: readonly Ask[];
}

export interface How {
  /** Which others to measure beside it: the C limit where a figure refers to it, the limit, the recipe too. */
  readonly beside: 'asked' | 'limit' | 'recipe';
}

export interface Outcome {
  readonly logins: readonly Login[];
  readonly extra?: Readonly<Record<string, number>>;
}

/** A figure that is asked for. */
export interface Ask {
  readonly what: string;
  readonly value: (figures: Figures) => number;
  readonly most: number;
  /** A time, or another figure that a busy machine spoils. */
  readonly soft?: boolean;
}

export interface Verdict {
  readonly row: string;
  readonly seconds: number;
  readonly figures: Figures;
  /** One line for each figure that was missed, and for each login that failed. */
  readonly complaints: readonly string[];
}

/** Runs a row on a stage of its own. @param judged `counts`: soft figures are measured, and may be anything. */
export async function runRow(
  row: Row,
  rounds: number,
  how: How,
  judged: 'all' | 'counts' = 'all',
): Promise<Verdict> {
  const startMs = performance.now();
  const stage = await Stage.open(row.stage);
  try {
    const { logins, extra = {} } = await row.run(stage, rounds, how);
    const figures = figuresOf(logins, extra);
    const asks = row.asks.filter(({ soft }) => judged === 'all' || !soft);
    const complaints = [...missed(asks, figures), ...logins.filter(failed).map(reason)];
    return { row: row.name, seconds: (performance.now() - startMs) / 1000, figures, complaints };
  } finally {
    await stage.close();
  }
}

/** Every login opens. */
export const ALL_OPEN: Ask = {
  what: 'logins that failed',
  value: ({ logins, opened }) => logins - opened,
  most: 0,
};

export function medianAtMost(ms: number): Ask {
  return { what: 'median ms', value: ({ medianMs }) => medianMs, most: ms, soft: true };
}

export function p95AtMost(ms: number): Ask {
  return { what: 'p95 ms', value: ({ p95Ms }) => p95Ms, most: ms, soft: true };
}

/** What the row measures under a name of its own. */
export function extraAtMost(name: string, most: number, soft = false): Ask {
  return { what: name, value: ({ extra }) => extra[name] ?? Number.NaN, most, soft };
}

function missed(asks: readonly Ask[], figures: Figures): string[] {
  return asks.flatMap(({ what, value, most }) => {
    const is = value(figures);
    return is <= most ? [] : [`${what}: ${Math.round(is * 10) / 10}, asked for at most ${most}`];
  });
}

function failed({ opened }: Login): boolean {
  return !opened;
}

function reason({ ms, sequences, stderr }: Login): string {
  const line = stderr.split('\n').find((text) => text.startsWith('knockproxy: error')) ?? stderr.slice(-200);
  return `failed after ${Math.round(ms)} ms, ${sequences} sequences: ${line}`;
}
