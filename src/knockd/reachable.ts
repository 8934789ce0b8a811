import type { Step } from '../plan/sequence.ts';

/** What of a section decides when knockd starts and ends attempts at it. */
interface Listening {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly tcpFlags: ReadonlyMap<string, boolean>;
}

export interface Reachability<T> {
  /**
   * The section because of which knockd 0.8 never completes another one's sequence. Every section begins at its first
   * step; when the attempt that began first, that of the earliest section in the file, has failed or is complete, the
   * next packet drops those of all others with it (knockd.c, sniff: the head of the list is taken to be all of it).
   */
  hiddenBy(section: T): T | undefined;
  /** The others that the same knocks complete. */
  sameSequence(section: T): T[];
}

/** @param sections in the file's order. */
export function reachability<T extends Listening>(sections: readonly T[]): Reachability<T> {
  const heads = new Map<string, T>();
  const bySequence = new Map<string, T[]>();
  for (const section of sections) {
    const [first] = section.steps;
    if (first === undefined || !accepts(section, first)) continue;
    if (!heads.has(show(first))) heads.set(show(first), section);
    if (!section.steps.every((step) => accepts(section, step))) continue;
    const sequence = section.steps.map(show).join();
    bySequence.set(sequence, [...(bySequence.get(sequence)?.slice(0, MAX_SAME) ?? []), section]);
  }
  return {
    hiddenBy(section) {
      const [first] = section.steps;
      const head = first && heads.get(show(first));
      if (head === undefined || head === section) return undefined;
      return section.steps.length > endOf(head, section.steps) ? head : undefined;
    },
    sameSequence: (section) =>
      (bySequence.get(section.steps.map(show).join()) ?? []).filter((other) => other !== section),
  };
}

/** The most sections of one sequence that are kept, so that time stays linear. */
const MAX_SAME = 3;

/** After how many of the steps an attempt has failed or is complete; it ignores packets with other flags. */
function endOf(section: Listening, steps: readonly Step[]): number {
  let stage = 0;
  for (const [at, step] of steps.entries()) {
    if (!accepts(section, step)) continue;
    if (show(section.steps[stage]!) !== show(step)) return at + 1;
    stage += 1;
    if (stage === section.steps.length) return at + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** Whether a knock of ours, for TCP a SYN without other flags, is one to the section. */
function accepts({ tcpFlags }: Listening, { protocol }: Step): boolean {
  return protocol === 'udp' || [...tcpFlags].every(([flag, set]) => set === (flag === 'SYN'));
}

function show({ port, protocol }: Step): string {
  return `${port}/${protocol}`;
}
