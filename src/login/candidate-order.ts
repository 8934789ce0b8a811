import type { Sequence } from '../plan/sequence.ts';

/** With more sequences than these, a login has not the attempts for one of the likeliest after each other one. */
const FEW_SEQUENCES = 4;

/**
 * Which sequence an attempt sends: the likeliest twice, then in turn with each other one, 0 0 1 0 2 0 1 ...; of many, the
 * two likeliest twice, then each: 0 0 1 0 1 2 3 4 ...
 *
 * @param number from 1
 */
export function sequenceFor(number: number, sequences: number): number {
  if (sequences === 1 || number <= 2 || number === 4) return 0;
  if (number === 3) return 1;
  if (sequences > FEW_SEQUENCES) return (number - 4) % sequences;
  return number % 2 === 0 ? 0 : 1 + (((number - 3) / 2) % (sequences - 1));
}

/** The same for the candidates of a rotating sequence: in turn, because one that the server does not expect costs nothing. */
export function rotatingSequenceFor(number: number, sequences: number): number {
  return (number - 1) % sequences;
}

/** How many attempts it takes until each sequence was sent. */
export function attemptsForEach(sequences: number, isRotating = false): number {
  if (isRotating) return sequences;
  return sequences > FEW_SEQUENCES ? sequences + 3 : 2 * sequences - 1;
}

/** How many knocks one attempt may send: a preamble is at most one knock longer than its sequence. */
export function mostKnocks(sequences: readonly Sequence[]): number {
  return 2 * Math.max(...sequences.map(({ steps }) => steps.length)) + 1;
}
