import {
  type History,
  type Interval,
  KEPT_OPENS,
  KEPT_RTTS,
  KEPT_SYNS,
  KEPT_TRIES,
  type Late,
  NO_HISTORY,
} from './history.ts';
import type { AttemptResult } from './knock-delay.ts';

type Unknown = { readonly [K in keyof History]?: unknown };

/**
 * A history as a file holds it; anything that is not one is no history. What 1.0 wrote is read: its fields are the
 * first six, and what it lacks is unknown.
 */
export function parseHistory(text: string): History {
  const value = parseObject(text);
  const late = parseLate(value.late);
  return {
    tries: list(value.tries).filter(isAttemptResult).slice(-KEPT_TRIES),
    opens: list(value.opens).filter(isInterval).slice(-KEPT_OPENS),
    rttsMs: list(value.rttsMs)
      .filter((v) => isTime(v))
      .slice(-KEPT_RTTS),
    failedLogins: isTime(value.failedLogins) ? Math.floor(value.failedLogins) : 0,
    failedAt: epoch(value.failedAt),
    openedAt: epoch(value.openedAt),
    openedBy: isTime(value.openedBy) ? Math.floor(value.openedBy) : 0,
    nothingListenedAt: epoch(value.nothingListenedAt),
    silentWhenShut: isTime(value.silentWhenShut) ? Math.floor(value.silentWhenShut) : 0,
    refusedAt: epoch(value.refusedAt),
    synsAt: list(value.synsAt)
      .filter((v): v is number => epoch(v) > 0)
      .slice(-KEPT_SYNS),
    room: isTime(value.room) ? Math.floor(value.room) : 0,
    limitedAt: epoch(value.limitedAt),
    cutShortAt: epoch(value.cutShortAt),
    ...(late && { late }),
  };
}

function parseObject(text: string): Unknown {
  try {
    return JSON.parse(text) ?? NO_HISTORY;
  } catch {
    return {};
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A time that a login can have measured: an hour is the longest KnockTimeout. */
function isTime(value: unknown, mostMs = 3_600_000): value is number {
  return typeof value === 'number' && value >= 0 && value <= mostMs;
}

function epoch(value: unknown): number {
  return isTime(value, Number.MAX_SAFE_INTEGER) ? value : 0;
}

function isInterval(value: unknown): value is Interval {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((v) => isTime(v)) &&
    (value[0] as number) < (value[1] as number)
  );
}

function isAttemptResult(value: unknown): value is AttemptResult {
  const { delayMs, opened } = (value ?? {}) as Partial<AttemptResult>;
  return isTime(delayMs) && typeof opened === 'boolean';
}

function parseLate(value: unknown): Late | undefined {
  const { afterMs, byMs, score } = (value ?? {}) as Partial<Late>;
  return isInterval([afterMs, byMs]) && Number.isInteger(score)
    ? { afterMs: afterMs!, byMs: byMs!, score: score! }
    : undefined;
}
