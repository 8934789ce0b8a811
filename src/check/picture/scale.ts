/** A part of the time axis; from and to are fractions of its length. */
interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: number;
  readonly to: number;
  /** Nothing begins or ends in it, and it is drawn shorter than the scale. */
  readonly isBreak: boolean;
}

export interface Scale {
  readonly segments: readonly Segment[];
  /** Where a time lies, from 0 to 1. */
  at(ms: number): number;
}

interface Tick {
  /** From 0 to 1. */
  readonly at: number;
  /** In milliseconds. */
  readonly text: string;
}

const MOST_BREAKS = 3;
const BREAK_SHARE = 0.14;
const MIN_BREAK_MS = 100;

/**
 * A linear scale in milliseconds. Up to three gaps without an event, each longer than all the other time together, are
 * shortened: a probe that waits for 900 ms would leave no room for the knocks.
 *
 * @param edges the times at which something begins or ends.
 */
export function makeScale(edges: readonly number[]): Scale {
  const times = [...new Set([0, ...edges])].sort((a, b) => a - b);
  if (times.length === 1) times.push(1);
  const gaps = times.slice(1).map((toMs, index) => ({ fromMs: times[index]!, toMs }));
  const breaks = longGaps(gaps);
  const restMs = gaps.filter((gap) => !breaks.has(gap)).reduce((sum, gap) => sum + lengthOf(gap), 0);
  const share = 1 - breaks.size * BREAK_SHARE;
  let from = 0;
  const segments = gaps.map((gap): Segment => {
    const isBreak = breaks.has(gap);
    const to = from + (isBreak ? BREAK_SHARE : (lengthOf(gap) / restMs) * share);
    const segment = { ...gap, from, to, isBreak };
    from = to;
    return segment;
  });
  return { segments, at: (ms) => place(segments, ms) };
}

interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

function lengthOf({ fromMs, toMs }: Gap): number {
  return toMs - fromMs;
}

function longGaps(gaps: readonly Gap[]): ReadonlySet<Gap> {
  const longest = [...gaps].sort((a, b) => lengthOf(b) - lengthOf(a));
  for (let count = Math.min(MOST_BREAKS, longest.length - 1); count > 0; count--) {
    const rest = longest.slice(count).reduce((sum, gap) => sum + lengthOf(gap), 0);
    const shortest = lengthOf(longest[count - 1]!);
    if (shortest > rest && shortest >= MIN_BREAK_MS) return new Set(longest.slice(0, count));
  }
  return new Set();
}

function place(segments: readonly Segment[], ms: number): number {
  const { fromMs, toMs, from, to } = segments.find((segment) => ms <= segment.toMs) ?? segments.at(-1)!;
  return Math.min(1, from + ((ms - fromMs) / (toMs - fromMs)) * (to - from));
}

/**
 * Round times whose texts do not touch.
 *
 * @param width of the axis, in characters.
 */
export function ticks({ segments, at }: Scale, width: number): Tick[] {
  const step = tickStep(segments, width);
  const endMs = segments.at(-1)!.toMs;
  const found: Tick[] = [];
  let nextFree = 0;
  for (let ms = 0; ms <= endMs; ms += step) {
    if (segments.some(({ isBreak, fromMs, toMs }) => isBreak && ms > fromMs && ms < toMs)) continue;
    const tick = { at: at(ms), text: String(ms) };
    const column = Math.round(tick.at * (width - 1));
    if (column < nextFree || column + tick.text.length > width) continue;
    found.push(tick);
    nextFree = column + tick.text.length + 2;
  }
  return found;
}

/** The smallest of 1, 2, 5, 10, 20, ... ms that leaves room for the texts. */
function tickStep(segments: readonly Segment[], width: number): number {
  const linear = segments.filter(({ isBreak }) => !isBreak);
  const ms = linear.reduce((sum, segment) => sum + lengthOf(segment), 0);
  const share = linear.reduce((sum, { from, to }) => sum + to - from, 0);
  const charsPerMs = (share * width) / ms;
  const least = (String(Math.round(segments.at(-1)!.toMs)).length + 3) / charsPerMs;
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
