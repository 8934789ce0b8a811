import { isBeyondKnockd, type Step } from './sequence.ts';

/**
 * Knocks to send before a sequence, so that it opens a knockd door whatever state unfinished runs have left.
 *
 * For each door, knockd tracks how much of the sequence has arrived: a run. A wrong packet fails a run, the next packet
 * deletes it, and neither begins a new run unless its port is the first of a sequence. So a port from the middle of the
 * sequence, sent once more than it is repeated there, ends every run at this door and begins none. Other doors may share
 * the ports in any order (a close sequence in particular); test/model searches all of them on a model of knockd.
 */

/** Three middle ports give enough variation. */
const MAX_MIDDLES = 3;

/**
 * The reset knocks to use in rotation, one list per attempt, starting anywhere; each is followed by the whole sequence.
 *
 * Without packet loss, a sequence with a middle port (neither its first nor its last) opens at the first attempt with
 * the first list if no other door shares its ports or only the reversed sequence does, and within 7 attempts with any
 * other door of up to 4 steps. A sequence without a middle port opens within 9. A sequence with ICMP or a payload needs
 * none: its door is not knockd's, and most such doors ignore or restart at a packet that is not the next step.
 */
export function resetKnocks(sequence: readonly Step[]): Step[][] {
  const first = sequence[0];
  if (!first || sequence.some(isBeyondKnockd)) return [[]];
  const repeats = repeatedMiddles(sequence).slice(0, MAX_MIDDLES);
  if (repeats.length === 0) return withoutMiddle(sequence, first);
  // Twice, because after packet loss there is usually an unfinished run, which a plain sequence does not reset.
  const rotation = repeats.flatMap((repeat) => [
    repeat,
    repeat,
    [],
    [...upTo(sequence, repeat[0]!), ...repeat],
  ]);
  return [...rotation, [first]];
}

/** The steps to close a door: reset knocks, then the close sequence. */
export function stepsToClose(closeSteps: readonly Step[]): readonly Step[] {
  return [...resetKnocks(closeSteps)[0]!, ...closeSteps];
}

/** Each middle port as often as it must be sent to end every run, those with the fewest knocks first. */
function repeatedMiddles(sequence: readonly Step[]): Step[][] {
  const [first, last] = [sequence[0]!, sequence.at(-1)!];
  return sequence
    .filter((step, index) => sequence.findIndex((other) => same(step, other)) === index)
    .filter((step) => !same(step, first) && !same(step, last))
    .map((step) => Array<Step>(longestRun(sequence, step) + 1).fill(step))
    .sort((a, b) => a.length - b.length);
}

/** The steps before the first `end`: they begin a run at this door, so that none begins at another. */
function upTo(sequence: readonly Step[], end: Step): Step[] {
  return sequence.slice(
    0,
    sequence.findIndex((step) => same(step, end)),
  );
}

/**
 * Any port that ends a run here may begin one at another door (the reversed sequence), and the remaining state alternates
 * with each attempt. So shift it by the first port: once, or as often as ends a run at this door.
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
