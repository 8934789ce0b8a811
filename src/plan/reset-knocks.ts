import type { Step } from './sequence.ts';

/**
 * Knocks to send before a sequence, so that it opens a knockd door whatever unfinished runs left behind.
 *
 * knockd fails an attempt at the first wrong packet and forgets it at the next one, and neither of the two
 * begins another attempt at a port that is no door's first. So a port from the middle of the sequence, sent
 * once more often than the sequence holds it in a row, ends every attempt at this door and begins none. Doors
 * that share the ports (a close door, most of all) can be in any order; the search over the model of knockd
 * in test/model tries them all.
 */

/** More middle ports than this are not tried: the list is long enough then. */
const MOST_MIDDLES = 3;

/**
 * Preambles to use in turn, one a try, from the first on or from anywhere; each is followed by the whole
 * sequence.
 *
 * Without loss a sequence with a middle port (one that is neither its first nor its last) opens at the first
 * try that uses the first preamble when no other door shares its ports or the reverse one does, and within
 * 7 tries whatever one other door of up to 4 steps does. A sequence without a middle port opens within 9.
 */
export function resetKnocks(sequence: readonly Step[]): Step[][] {
  const first = sequence[0];
  if (!first) return [[]];
  const repeats = repeatedMiddles(sequence).slice(0, MOST_MIDDLES);
  if (repeats.length === 0) return withoutMiddle(sequence, first);
  // Twice, because a line that loses knocks mostly leaves an attempt behind, on which the plain sequence is wasted.
  const turns = repeats.flatMap((repeat) => [repeat, repeat, [], [...upTo(sequence, repeat[0]!), ...repeat]]);
  return [...turns, [first]];
}

/** What is sent to close a door: the close sequence, behind a preamble for what unfinished runs have left. */
export function stepsToClose(closeSteps: readonly Step[]): readonly Step[] {
  return [...resetKnocks(closeSteps)[0]!, ...closeSteps];
}

/** Each middle port as often as it must be sent to end every attempt; those that take the fewest knocks first. */
function repeatedMiddles(sequence: readonly Step[]): Step[][] {
  const [first, last] = [sequence[0]!, sequence.at(-1)!];
  return sequence
    .filter((step, index) => sequence.findIndex((other) => same(step, other)) === index)
    .filter((step) => !same(step, first) && !same(step, last))
    .map((step) => Array<Step>(longestRun(sequence, step) + 1).fill(step))
    .sort((a, b) => a.length - b.length);
}

/** The steps before the first `end`: with them our own door is begun first, so that no other door is. */
function upTo(sequence: readonly Step[], end: Step): Step[] {
  return sequence.slice(
    0,
    sequence.findIndex((step) => same(step, end)),
  );
}

/**
 * Any port that ends attempts here may begin one at another door (the reverse), and what is left over alternates with
 * each try. So shift it: by the first port once, or by as many as end an attempt of our own and leave nothing.
 */
function withoutMiddle(sequence: readonly Step[], first: Step): Step[][] {
  if (sequence.length === 1) return [[]];
  const other = sequence.findIndex((step) => !same(step, first));
  const leading = other < 0 ? sequence.length : other;
  return [[], [first], [], Array<Step>(leading + 1).fill(first)];
}

function longestRun(sequence: readonly Step[], wanted: Step): number {
  let longest = 0;
  let run = 0;
  for (const step of sequence) {
    run = same(step, wanted) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function same(a: Step, b: Step): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}
