import { addressLanes } from './address-lanes.ts';
import type { Lane } from './lane.ts';
import { makeScale, type Scale } from './scale.ts';
import type { Trace } from './trace.ts';

export interface Picture {
  readonly title: string;
  readonly scale: Scale;
  readonly lanes: readonly Lane[];
}

/** Shorter phases are left out. */
const MIN_PHASE_MS = 1;

/**
 * Lays out a check: a lane for each phase before the knocks, and for each address its connects, knocks, the time in
 * which the door stood open, and the banner. Neither addresses nor ports are in it.
 */
export function layOut(trace: Trace, title: string): Picture {
  const endMs = endOf(trace);
  const phases = trace.phases.filter(({ fromMs, toMs }) => toMs - fromMs >= MIN_PHASE_MS).map(phaseLane);
  const several = trace.addresses.length > 1;
  const lanes = trace.addresses.flatMap((address) => [
    ...(several ? [{ label: `IPv${address.family}`, bars: [], points: [], note: '' }] : []),
    ...addressLanes(address, endMs),
  ]);
  const all = [...phases, ...lanes];
  const edges = all.flatMap(({ bars, points }) => [
    ...bars.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...points.map(({ atMs }) => atMs),
  ]);
  return { title, scale: makeScale(edges), lanes: all };
}

function phaseLane({ name, fromMs, toMs }: Trace['phases'][number]): Lane {
  const note = `${Math.round(toMs - fromMs)} ms`;
  return { label: name, bars: [{ style: 'phase', fromMs, toMs }], points: [], note };
}

function endOf({ phases, addresses }: Trace): number {
  const spans = addresses.flatMap(({ before, connects, banner, closing, after }) =>
    [before, ...connects, banner, closing, after].filter((span) => span !== undefined),
  );
  const knocks = addresses.flatMap(({ knocks }) => knocks.map(({ atMs }) => atMs));
  return Math.max(0, ...[...phases, ...spans].map(({ toMs }) => toMs), ...knocks);
}
