import type { AttemptResult } from './knock-delay.ts';

/** A time span in ms after a knock: the door was closed at `afterMs` (0: unknown) and open at `byMs`. */
export type Interval = readonly [afterMs: number, byMs: number];

/** What earlier logins learned about one door over one network. Everything but the file around it. */
export interface History {
  /** How the attempts of logins that opened the door went, the oldest first. */
  readonly tries: readonly AttemptResult[];
  /** When the first sequence of a login opened the door, in ms after its last knock. */
  readonly opens: readonly Interval[];
  /** Round-trip times of completed connects, in milliseconds. */
  readonly rttsMs: readonly number[];
  /** Logins in a row that never opened the door, and when the last of them failed, in ms since the epoch. */
  readonly failedLogins: number;
  readonly failedAt: number;
  /** When it opened last, in ms since the epoch; 0: never. */
  readonly openedAt: number;
  /** The process that opened it; 0: none. */
  readonly openedBy: number;
  /** When it opened last and nothing listened on its port, in ms since the epoch; 0: never. */
  readonly nothingListenedAt: number;
  /** Connects of logins that opened which the port left unanswered while shut; 0 once one was refused then. */
  readonly silentWhenShut: number;
  /** When a login failed last whose connects were all refused, in ms since the epoch; 0: none since the last opening. */
  readonly refusedAt: number;
  /** When SYNs went to the hidden port in the last minute that had a login, in ms since the epoch, ascending. */
  readonly synsAt: readonly number[];
  /** The most SYNs within a minute of which the last was answered: a limit on new connections is no lower. */
  readonly room: number;
  /** When a limit on new connections was noticed that no login has passed since, in ms since the epoch; 0: none. */
  readonly limitedAt: number;
  /** When a login cut a sequence short because an earlier one had opened the door, in ms since the epoch; 0: never. */
  readonly cutShortAt: number;
  /** Present when a retry opened the door: it may be slow instead of the line lossy. */
  readonly late?: Late;
}

/** When the door was open in ms after the last knock of the FIRST sequence of a login that sent several. */
export interface Late {
  readonly afterMs: number;
  readonly byMs: number;
  /** Logins that waited for it: those in which it came minus those in which it did not; below 0: lossy, not slow. */
  readonly score: number;
}

export const NO_HISTORY: History = {
  tries: [],
  opens: [],
  rttsMs: [],
  failedLogins: 0,
  failedAt: 0,
  openedAt: 0,
  openedBy: 0,
  nothingListenedAt: 0,
  silentWhenShut: 0,
  refusedAt: 0,
  synsAt: [],
  room: 0,
  limitedAt: 0,
  cutShortAt: 0,
};

/** How much is remembered: enough for a quantile, little enough to follow a change of the line. */
export const KEPT_TRIES = 24;
export const KEPT_OPENS = 16;
export const KEPT_RTTS = 8;
export const KEPT_SYNS = 40;
export const KEPT_SILENCES = 8;
/** The window of most limits on new connections, in milliseconds. */
export const MINUTE_MS = 60_000;
/** So many logins in which it came make a late opening certain. */
export const CERTAIN_SCORE = 3;

/** Whether a time, in ms since the epoch (0: never), is less than `ms` ago; one from before the clock was set back is not. */
export function isWithin(ms: number, at: number, now: number): boolean {
  return at > 0 && at <= now && now - at < ms;
}

/** How many SYNs went out in the minute up to and with `atMs`. */
export function synsWithin(synsAt: readonly number[], atMs: number): number {
  return synsAt.filter((at) => isWithin(MINUTE_MS, at, atMs)).length;
}

/** The longest round trip remembered, in milliseconds; undefined: none yet. */
export function slowestRttMs({ rttsMs }: History): number | undefined {
  return rttsMs.length === 0 ? undefined : Math.max(...rttsMs);
}
