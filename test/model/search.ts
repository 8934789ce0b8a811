/** Every state that one source can bring knockd into, and what a word of knocks does from each of them. */
import { type Attempt, type Door, type Packet, type Reaction, receive } from './knockd.ts';

/** A step of a sequence is named by one letter here. */
export type Word = string;

export interface World {
  /** The one named `wanted` is to be opened; the others must not open after it. */
  readonly doors: readonly Door[];
  readonly letters: readonly string[];
  /** next[state][letter]; state 0 is a source without attempts. */
  readonly next: readonly (readonly number[])[];
  /** event[state][letter]: 1 if the wanted door alone opened, -1 if another did. */
  readonly event: readonly (readonly number[])[];
}

export interface Outcome {
  readonly state: number;
  /** The wanted door opened, and no other after it. */
  readonly opened: boolean;
  /** Some other door opened before it, at once: the two commands may run in either order. */
  readonly raced: boolean;
}

const ME = 'me';
const WANTED = 'wanted';
const STRANGER: Attempt = { source: 'stranger', door: door('~~', 'far'), stage: 1, startedS: 0 };

/**
 * The words of the doors: the wanted one's first. With `reversed` it stands last in knockd.conf. With `crowded`,
 * another source has an older attempt, so that ours never head the list.
 */
export function explore(
  words: readonly Word[],
  options: { reversed?: boolean; crowded?: boolean } = {},
): World {
  const named = words.map((word, index) => door(word, index === 0 ? WANTED : `other ${index}`));
  const doors = options.reversed ? named.toReversed() : named;
  const letters = [...new Set(words.join(''))];
  const start = options.crowded ? [STRANGER] : [];
  const known = new Map([[key(start), 0]]);
  const states: (readonly Attempt[])[] = [start];
  const world = { doors, letters, next: [] as number[][], event: [] as number[][] };
  for (const attempts of states) {
    const reactions = letters.map((letter) => receive(doors, attempts, packet(letter)));
    world.event.push(reactions.map(opening));
    world.next.push(
      reactions.map((reaction) => {
        const id = key(reaction.attempts);
        const state = known.get(id) ?? states.push(reaction.attempts) - 1;
        known.set(id, state);
        return state;
      }),
    );
  }
  return world;
}

function opening({ events }: Reaction): number {
  const opened = events.flatMap((event) => (event.kind === 'open' ? [event.door] : []));
  return opened.some((name) => name !== WANTED) ? -1 : opened.length;
}

/** Sends a word from a state. Letters that no door has are not seen by knockd. */
export function send(world: World, state: number, word: Word): Outcome {
  let at = state;
  let opened = false;
  let other = false;
  let raced = false;
  for (const letter of word) {
    const index = world.letters.indexOf(letter);
    if (index < 0) continue;
    const event = world.event[at]![index]!;
    if (event < 0) {
      other = true;
      opened = false;
    } else if (event > 0) {
      opened = true;
      raced = other;
    }
    at = world.next[at]![index]!;
  }
  return { state: at, opened, raced: opened && raced };
}

/**
 * How many tries it takes at most, from any state, when the words are used in turn starting at any of them;
 * Infinity if some state never opens.
 */
export function worstTries(world: World, words: readonly Word[]): number {
  const outcomes = words.map((word) => world.next.map((_, state) => send(world, state, word)));
  let worst = 0;
  for (let turn = 0; turn < words.length; turn++) {
    for (let state = 0; state < world.next.length; state++) {
      worst = Math.max(worst, tries(outcomes, turn, state));
    }
  }
  return worst;
}

function tries(outcomes: readonly (readonly Outcome[])[], turn: number, state: number): number {
  const most = outcomes.length * outcomes[0]!.length;
  let at = state;
  for (let n = 1; n <= most; n++) {
    const outcome = outcomes[(turn + n - 1) % outcomes.length]![at]!;
    if (outcome.opened) return n;
    at = outcome.state;
  }
  return Number.POSITIVE_INFINITY;
}

function door(word: Word, name: string): Door {
  return { name, sequence: [...word].map(packet), seqTimeoutS: 25 };
}

function packet(letter: string): Packet {
  return { source: ME, port: 7000 + letter.charCodeAt(0), protocol: 'tcp', atMs: 0 };
}

function key(attempts: readonly Attempt[]): string {
  return attempts.map((a) => `${a.door.name} ${a.stage < 0 ? 'x' : a.stage}`).join();
}
