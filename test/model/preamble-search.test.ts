/**
 * The preambles, from every state one source can bring knockd into: every shape of sequence of 1 to 4 steps, alone and
 * beside every other door of 1 to 4 steps over the same ports and one more, before or after it in knockd.conf, with and
 * without another source's older attempt. Worlds where the sequence does not even open from nothing are left out.
 */
import { describe, expect, it } from 'vitest';
import { resetKnocks } from '../../src/plan/reset-knocks.ts';
import { Random } from './random.ts';
import { explore, send, type Word, type World, worstTries } from './search.ts';

const SHAPES = [1, 2, 3, 4].flatMap(shapes);
const WITH_MIDDLE = SHAPES.filter(hasMiddle);
const WITHOUT = SHAPES.filter((shape) => !hasMiddle(shape));

describe('a sequence with a middle port', () => {
  it.each(WITH_MIDDLE)('%s opens at the first try, alone or beside its reverse', (sequence) => {
    const [repeat, , , beginAndRepeat] = tries(sequence);
    for (const world of [...worlds(sequence), ...worlds(sequence, reverse(sequence))]) {
      expect(worstTries(world, [repeat!])).toBe(1);
      expect(world.next.some((_, state) => send(world, state, repeat!).raced)).toBe(false);
      expect(worstTries(world, [beginAndRepeat!])).toBe(1);
    }
  });

  it('opens at the first try beside its reverse when it is long, too', () => {
    const random = new Random(2);
    for (let i = 0; i < 300; i++) {
      const sequence = randomWord(random, [...'abcdef'], 5, 10);
      if (!hasMiddle(sequence)) continue;
      for (const world of worlds(sequence, reverse(sequence))) {
        expect(worstTries(world, [tries(sequence)[0]!]), sequence).toBe(1);
      }
    }
  });

  it.each(WITH_MIDDLE)('%s opens within 7 tries beside any door', (sequence) => {
    expect(worstBesideAny(sequence)).toBeLessThanOrEqual(7);
  });

  it('opens within 6 tries when it is long, its ports differ, and a random door shares them', () => {
    const random = new Random(1);
    for (let i = 0; i < 2_000; i++) {
      const sequence = distinctWord(random, random.int(5, 10));
      const other = randomWord(random, [...sequence, 'x'], 1, 8);
      const world = explore([sequence, other], { reversed: random.chance(0.5), crowded: random.chance(0.5) });
      if (other === sequence || !send(world, 0, sequence).opened) continue;
      expect(worstTries(world, tries(sequence)), `${sequence},${other}`).toBeLessThanOrEqual(6);
    }
  });
});

describe('a sequence without one', () => {
  it.each(WITHOUT)('%s opens within 9 tries beside any door', (sequence) => {
    expect(worstBesideAny(sequence)).toBeLessThanOrEqual(9);
  });

  it('is what a plain retry may never open: 7000,8000 beside its reverse', () => {
    for (const world of worlds('ab', 'ba')) expect(worstTries(world, ['ab'])).toBe(Number.POSITIVE_INFINITY);
  });
});

function worstBesideAny(sequence: Word): number {
  const letters = [...new Set(sequence), 'x'];
  const others = [1, 2, 3, 4].flatMap((length) => words(letters, length)).filter((word) => word !== sequence);
  const all = [...worlds(sequence), ...others.flatMap((other) => worlds(sequence, other))];
  return Math.max(...all.map((world) => worstTries(world, tries(sequence))));
}

/** Where the sequence opens when nothing has been sent before. */
function worlds(...doors: Word[]): World[] {
  const options = [false, true].flatMap((reversed) =>
    [false, true].map((crowded) => ({ reversed, crowded })),
  );
  return options.map((option) => explore(doors, option)).filter((world) => send(world, 0, doors[0]!).opened);
}

function tries(sequence: Word): Word[] {
  const steps = [...sequence].map((letter) => ({ port: letter.charCodeAt(0), protocol: 'tcp' as const }));
  return resetKnocks(steps).map(
    (knocks) => knocks.map((k) => String.fromCharCode(k.port)).join('') + sequence,
  );
}

/** One sequence for each way in which steps can be equal: aa, ab, aaa, aab, aba, abb, abc, ... */
function shapes(length: number): Word[] {
  return words([...'abcd'], length).filter((word) => {
    const order = [...new Set(word)].join('');
    return 'abcd'.startsWith(order);
  });
}

function words(letters: readonly string[], length: number): Word[] {
  if (length === 0) return [''];
  return words(letters, length - 1).flatMap((word) => letters.map((letter) => word + letter));
}

function hasMiddle(word: Word): boolean {
  return [...word].some((letter) => letter !== word[0] && letter !== word.at(-1));
}

function reverse(word: Word): Word {
  return [...word].reverse().join('');
}

function randomWord(random: Random, letters: readonly string[], low: number, high: number): Word {
  return random.times(random.int(low, high), () => random.pick(letters)).join('');
}

function distinctWord(random: Random, length: number): Word {
  const left = [...'abcdefghij'];
  return random.times(length, () => left.splice(random.int(0, left.length - 1), 1)[0]!).join('');
}
