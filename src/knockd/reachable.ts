import type { Step } from '../plan/sequence.ts';

/** What of a section decides when knockd starts and ends attempts at it. */
export interface Listening {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly tcpFlags: ReadonlyMap<string, boolean>;
}

/**
 * The section because of which knockd 0.8 never completes another one's sequence. Every section begins at its first
 * step; when the attempt that began first, that of the earliest section in the file, has failed or is complete, the
 * next packet drops those of all others with it (knockd.c, sniff: the head of the list is taken to be all of it).
 *
 * @param sections in the file's order.
 */
export function hiddenBy<T extends Listening>(section: T, sections: readonly T[]): T | undefined {
  const [first] = section.steps;
  const head = sections.find((other) => beginsAt(other, first));
  if (head === undefined || head === section || first === undefined) return undefined;
  return section.steps.length > endOf(head, section.steps) ? head : undefined;
}

/** After how many of the steps an attempt at the section has failed or is complete; it ignores packets with other flags. */
function endOf(section: Listening, steps: readonly Step[]): number {
  let stage = 0;
  for (const [at, step] of steps.entries()) {
    if (!accepts(section, step)) continue;
    if (!isSame(section.steps[stage]!, step)) return at + 1;
    stage += 1;
    if (stage === section.steps.length) return at + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** The sections that the same knocks complete. */
export function sameSequence<T extends Listening>(section: T, sections: readonly T[]): T[] {
  const { length } = section.steps;
  return sections.filter(
    (other) =>
      other !== section &&
      length > 0 &&
      other.steps.length === length &&
      other.steps.every((step, at) => isSame(step, section.steps[at]!) && accepts(other, step)),
  );
}

function beginsAt(section: Listening, step: Step | undefined): boolean {
  const [first] = section.steps;
  return first !== undefined && step !== undefined && isSame(first, step) && accepts(section, step);
}

/** Whether a knock of ours, for TCP a SYN without other flags, is one to the section. */
function accepts({ tcpFlags }: Listening, { protocol }: Step): boolean {
  return protocol === 'udp' || [...tcpFlags].every(([flag, set]) => set === (flag === 'SYN'));
}

function isSame(a: Step, b: Step): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}
