import type { AttemptResult } from './knock-delay.ts';

/** What earlier logins learned about one door over one network. Everything but the file around it. */
export interface History {
  /** How tries went, the oldest first. */
  readonly tries: readonly AttemptResult[];
  /** When the door opened, each as the interval it was found in, in ms after the last knock. */
  readonly opens: readonly (readonly [afterMs: number, byMs: number])[];
  /** Round-trip times of completed connects, in milliseconds. */
  readonly rttsMs: readonly number[];
  /** Logins in a row that never opened the door. */
  readonly failedLogins: number;
  /** When it opened last, in ms since the epoch; 0: never. */
  readonly openedAt: number;
  /** The process that opened it; 0: none. */
  readonly openedBy: number;
  /** When it opened last and nothing listened on its port, in ms since the epoch; 0: never. */
  readonly nothingListenedAt: number;
}

export const NO_HISTORY: History = {
  tries: [],
  opens: [],
  rttsMs: [],
  failedLogins: 0,
  openedAt: 0,
  openedBy: 0,
  nothingListenedAt: 0,
};

/** What one login adds. */
export interface LoginResult {
  readonly tries: readonly AttemptResult[];
  /** Present when the door opened. */
  readonly opened?: {
    readonly interval?: readonly [afterMs: number, byMs: number];
    readonly rttMs: number;
    readonly atMs: number;
    /** The process id. */
    readonly by: number;
  };
}

/** After this many logins in a row that never opened, the sequence is probably outdated: one try a login. */
export const HOPELESS_LOGINS = 3;

/** How much is remembered: enough for a quantile, little enough to follow a change of the line. */
const KEPT_TRIES = 24;
const KEPT_OPENS = 16;
const KEPT_RTTS = 8;

export function learn(memory: History, { tries, opened }: LoginResult): History {
  const allTries = [...memory.tries, ...tries].slice(-KEPT_TRIES);
  if (opened === undefined) return { ...memory, tries: allTries, failedLogins: memory.failedLogins + 1 };
  const opens = opened.interval === undefined ? memory.opens : [...memory.opens, opened.interval];
  return {
    tries: allTries,
    opens: opens.slice(-KEPT_OPENS),
    rttsMs: [...memory.rttsMs, opened.rttMs].slice(-KEPT_RTTS),
    failedLogins: 0,
    openedAt: opened.atMs,
    openedBy: opened.by,
    nothingListenedAt: 0,
  };
}

/** After a login that opened the door, and nothing listened on its port. @param atMs in ms since the epoch. */
export function learnNothingListens(memory: History, atMs: number): History {
  return { ...memory, failedLogins: 0, nothingListenedAt: atMs };
}

/** Whether a time, in ms since the epoch, is less than `ms` ago; one from before the clock was set back is not. */
export function isWithin(ms: number, at: number, now: number): boolean {
  return at <= now && now - at < ms;
}

/**
 * The time after the last knock by which the door was open in a share of the logins, in milliseconds; within
 * an interval it is taken to open at any time alike.
 *
 * @param share 0-1
 */
export function openedByMs({ opens }: History, share: number): number {
  let low = 0;
  let high = Math.max(0, ...opens.map(([, byMs]) => byMs));
  while (high - low > 0.5) {
    const middle = (low + high) / 2;
    if (shareOpenedBy(opens, middle) < share) low = middle;
    else high = middle;
  }
  return high;
}

function shareOpenedBy(opens: History['opens'], ms: number): number {
  const parts = opens.map(([afterMs, byMs]) =>
    ms >= byMs ? 1 : Math.max(0, (ms - afterMs) / (byMs - afterMs)),
  );
  return parts.reduce((sum, part) => sum + part, 0) / Math.max(1, opens.length);
}

/** The longest round trip remembered, in milliseconds; undefined: none yet. */
export function slowestRttMs({ rttsMs }: History): number | undefined {
  return rttsMs.length === 0 ? undefined : Math.max(...rttsMs);
}

/** The usual round trip, in milliseconds; undefined: none yet. */
export function usualRttMs({ rttsMs }: History): number | undefined {
  return [...rttsMs].sort((a, b) => a - b)[Math.floor(rttsMs.length / 2)];
}

/** A memory as a file holds it; anything that is not one is nothing learned. */
export function parseHistory(text: string): History {
  let value: Partial<Record<keyof History, unknown>>;
  try {
    value = JSON.parse(text) ?? {};
  } catch {
    return NO_HISTORY;
  }
  return {
    tries: list(value.tries).filter(isTryResult).slice(-KEPT_TRIES),
    opens: list(value.opens).filter(isInterval).slice(-KEPT_OPENS),
    rttsMs: list(value.rttsMs)
      .filter((v) => isTime(v))
      .slice(-KEPT_RTTS),
    failedLogins: isTime(value.failedLogins) ? Math.floor(value.failedLogins) : 0,
    openedAt: isTime(value.openedAt, Number.MAX_SAFE_INTEGER) ? value.openedAt : 0,
    openedBy: isTime(value.openedBy) ? Math.floor(value.openedBy) : 0,
    nothingListenedAt: isTime(value.nothingListenedAt, Number.MAX_SAFE_INTEGER) ? value.nothingListenedAt : 0,
  };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A time that a login can have measured: an hour is the longest KnockTimeout. */
function isTime(value: unknown, mostMs = 3_600_000): value is number {
  return typeof value === 'number' && value >= 0 && value <= mostMs;
}

function isInterval(value: unknown): value is [number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((v) => isTime(v)) &&
    (value[0] as number) < (value[1] as number)
  );
}

function isTryResult(value: unknown): value is AttemptResult {
  const { delayMs, opened } = (value ?? {}) as Partial<AttemptResult>;
  return isTime(delayMs) && typeof opened === 'boolean';
}
