import type { Interval } from './history.ts';

/**
 * When a door opens after the last knock, as a distribution: what kinds of doors there are, and the intervals in
 * which this one was found open. An interval is spread over its bins in proportion to what the others say of
 * them (Turnbull's estimate for interval-censored times), so that one early answer outweighs many late ones.
 */
export interface OpeningTime {
  /** Ascending, from 0, in milliseconds. */
  readonly edgesMs: readonly number[];
  /** The chance that it is open by each of the edges, 0-1. */
  readonly by: readonly number[];
}

/** A knockd that is well opens by then: 50 ms of packet capture, then a shell and iptables; 70 were measured. */
export const SURE_KNOCKD_MS = 75;
const LEAST_KNOCKD_MS = 8;
/** A firewall that opens the door by itself does so before the next packet. */
export const AT_ONCE_MS = 2;
const LEAST_FWKNOPD_MS = 18;

/** What a door is taken for that was never opened: weights, as of openings seen. */
const AT_ONCE_WEIGHT = 0.6;
const KNOCKD_WEIGHT = 1.2;
const OTHER_WEIGHT = 0.02;
const SLOWEST_OTHER_MS = 20_000;
const STEP_MS = 6;
const FACTOR = 1.6;
const ROUNDS = 3;
/** Of measured times; finer bins than that only cost time. */
const RESOLUTION_MS = 4;
const FEW_OPENS = 4;
const OUTLIER_FACTOR = 2;

/** @param sureMs by when a daemon that is well opens; another than knockd's is taken for fwknopd's. */
export function openingTime(seen: readonly Interval[], sureMs = SURE_KNOCKD_MS): OpeningTime {
  const opens = withoutOutlier(seen.map(coarse));
  const edgesMs = edges(opens, sureMs);
  const prior = priorMass(edgesMs, sureMs).map((mass) => mass / (1 + opens.length));
  const spans = opens.map(([afterMs, byMs]) => [edgesMs.indexOf(afterMs), edgesMs.indexOf(byMs)] as const);
  let mass = prior;
  for (let round = 0; opens.length > 0 && round < ROUNDS; round++) mass = reweighed(mass, prior, spans);
  const by = [0];
  for (const part of mass) by.push(by.at(-1)! + part);
  return { edgesMs, by: by.map((share) => share / by.at(-1)!) };
}

function coarse([afterMs, byMs]: Interval): Interval {
  const [after, by] = [rounded(afterMs), rounded(byMs)];
  return [after, Math.max(by, after + 1)];
}

function rounded(ms: number): number {
  return ms < LEAST_KNOCKD_MS ? ms : RESOLUTION_MS * Math.round(ms / RESOLUTION_MS);
}

/** A single opening much later than all others must not make later logins wait. */
function withoutOutlier(opens: readonly Interval[]): readonly Interval[] {
  const [latest = 0, next = 0] = opens.map(([, byMs]) => byMs).sort((a, b) => b - a);
  const isOutlier = opens.length >= FEW_OPENS && latest > OUTLIER_FACTOR * next;
  return isOutlier ? opens.filter(([, byMs]) => byMs < latest) : opens;
}

function edges(opens: readonly Interval[], sureMs: number): number[] {
  const times = [0, AT_ONCE_MS, ...opens.flat()];
  for (let ms = LEAST_KNOCKD_MS; ms < sureMs; ms += STEP_MS) times.push(ms);
  for (let ms = sureMs; ms < SLOWEST_OTHER_MS; ms *= FACTOR) times.push(ms);
  return [...new Set(times)].sort((a, b) => a - b);
}

function priorMass(edgesMs: readonly number[], sureMs: number): number[] {
  const isKnockd = sureMs === SURE_KNOCKD_MS;
  const atOnce = isKnockd ? AT_ONCE_WEIGHT : OTHER_WEIGHT;
  const leastMs = isKnockd ? LEAST_KNOCKD_MS : LEAST_FWKNOPD_MS;
  return bins(edgesMs).map(
    ([fromMs, toMs]) =>
      atOnce * overlap(fromMs, toMs, 0, AT_ONCE_MS) +
      KNOCKD_WEIGHT * overlap(fromMs, toMs, leastMs, sureMs) +
      // Slower ones are as likely between 1 and 2 s as between 2 and 4.
      (fromMs < sureMs ? 0 : (OTHER_WEIGHT * Math.log(toMs / fromMs)) / Math.log(SLOWEST_OTHER_MS / sureMs)),
  );
}

/** @param spans the bins of each interval: from, and up to but without. */
function reweighed(
  mass: readonly number[],
  prior: readonly number[],
  spans: readonly (readonly [from: number, end: number])[],
): number[] {
  const next = [...prior];
  for (const [from, end] of spans) {
    let total = 0;
    for (let bin = from; bin < end; bin++) total += mass[bin]!;
    for (let bin = from; bin < end; bin++) next[bin]! += mass[bin]! / total;
  }
  return next;
}

/** The chance that the door is open at a time. */
export function openBy({ edgesMs, by }: OpeningTime, ms: number): number {
  const bin = edgesMs.findIndex((edgeMs) => edgeMs >= ms);
  if (bin < 0) return 1;
  if (bin === 0) return by[0]!;
  const [fromMs, toMs] = [edgesMs[bin - 1]!, edgesMs[bin]!];
  return by[bin - 1]! + ((by[bin]! - by[bin - 1]!) * (ms - fromMs)) / (toMs - fromMs);
}

function bins(edgesMs: readonly number[]): [number, number][] {
  return edgesMs.slice(1).map((toMs, index) => [edgesMs[index]!, toMs]);
}

/** The share of [leastMs, mostMs] that lies in [fromMs, toMs]. */
function overlap(fromMs: number, toMs: number, leastMs: number, mostMs: number): number {
  return Math.max(0, Math.min(toMs, mostMs) - Math.max(fromMs, leastMs)) / (mostMs - leastMs);
}
