import type { Login } from './login.ts';

/** What a row came out at. Times in ms. */
export interface Figures {
  readonly logins: number;
  readonly opened: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Sequences begun, in all and by the login that needed most. */
  readonly sequences: number;
  readonly mostSequences: number;
  /** SYNs to the hidden port of the median login. NaN: not looked at. */
  readonly medianSyns: number;
  /** Connections at sshd that nobody used, as a share of the logins, in percent. */
  readonly strayPct: number;
  /** What only this row measures. */
  readonly extra: Readonly<Record<string, number>>;
}

export function figuresOf(logins: readonly Login[], extra: Readonly<Record<string, number>>): Figures {
  const opened = logins.filter((login) => login.opened);
  const times = opened.map(({ ms }) => ms);
  const sequences = logins.map((login) => login.sequences);
  return {
    logins: logins.length,
    opened: opened.length,
    medianMs: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    maxMs: quantile(times, 1),
    sequences: sum(sequences),
    mostSequences: Math.max(...sequences),
    medianSyns: quantile(
      logins.map(({ syns }) => syns),
      0.5,
    ),
    strayPct: (100 * sum(logins.map(({ strays }) => strays))) / logins.length,
    extra,
  };
}

/** The smallest value that a share of them does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
