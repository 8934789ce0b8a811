import type net from 'node:net';
import type { CompletedConnect } from '../network/connector.ts';
import type { ConnectStarter, KnockSender } from '../network/network.ts';
import type { Target } from '../network/resolve.ts';
import { type Attempt, type Knock, planAttempt } from '../plan/attempt.ts';
import { type History, learn, learnNothingListens } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Environment } from './environment.ts';
import { type Answers, refusedAfterSilence } from './refused-after-silence.ts';

/** A try that was made: its plan, and when its last knock and its connects left (this.#environment.clock.nowMs()). */
interface SentAttempt {
  readonly plan: Attempt;
  readonly sequence: number;
  readonly knockedMs: number;
  readonly dialsMs: number[];
}

/** So many connects find a door shut: one alone may have been lost. */
const ENOUGH_SHUT = 2;

/** What a lane tells of. */
export interface LaneHandlers {
  /** A connect has completed. */
  connected(socket: net.Socket, dial: CompletedConnect): void;
  /** A connect was answered with an error. */
  answered?(): void;
  /** The first knock of a sequence is about to leave: from then on it is on the wire. */
  sending?(sequence: number): void;
}

/** One address of the host: it gets its own knocks, makes its own tries and learns its own lessons. */
export class AddressAttempts {
  readonly target: Target;
  readonly connector: ConnectStarter;
  readonly #environment: Environment;
  readonly #knocker: KnockSender;
  readonly #memory: History;
  readonly #handlers: LaneHandlers;
  readonly #made: SentAttempt[] = [];
  #sequence = 0;
  #firstKnock: Knock | undefined;

  constructor(
    target: Target,
    memory: History,
    handlers: LaneHandlers,
    environment: Environment,
    onread?: net.OnReadOpts,
  ) {
    this.target = target;
    this.#memory = memory;
    this.#handlers = handlers;
    this.#environment = environment;
    this.#knocker = environment.network.knocker(target);
    const { connected, answered } = handlers;
    const handled = { connected, ...(answered && { failed: answered }) };
    this.connector = environment.network.connector(target, handled, onread);
  }

  /** Plans the next try and opens what it needs. */
  plan(sequences: readonly Sequence[]): Attempt {
    this.#sequence = sequenceFor(this.#made.length + 1, sequences.length);
    const plan = planAttempt({
      sequence: sequences[this.#sequence]!,
      memory: this.#memory,
      failed: this.#made.map(({ plan: { delayMs } }) => ({ delayMs, opened: false })),
      number: this.#made.length + 1,
      random: this.#environment.random,
    });
    this.#knocker.prepare(plan.knocks);
    this.#firstKnock = plan.knocks[0];
    return plan;
  }

  /** @throws KnockproxyError when this machine refuses to send. */
  knock(knock: Knock): Promise<void> {
    if (knock === this.#firstKnock) this.#handlers.sending?.(this.#sequence);
    return this.#knocker.send(knock);
  }

  /** Whether a whole sequence could be sent. */
  get hasKnocked(): boolean {
    return this.#made.length > 0;
  }

  /** All knocks of a try are out. */
  knocked(plan: Attempt): void {
    this.#made.push({
      plan,
      sequence: this.#sequence,
      knockedMs: this.#environment.clock.nowMs(),
      dialsMs: [],
    });
  }

  dial(lifeMs?: number): void {
    this.#made.at(-1)?.dialsMs.push(this.#environment.clock.nowMs());
    this.connector.connect(lifeMs);
  }

  /**
   * When the first connect left that found the door open and nothing listening, on the clock of this.#environment.clock.nowMs(); undefined: no
   * connect shows that.
   *
   * @param before what connects before the knocks were answered.
   */
  refusedMs(before: Answers): number | undefined {
    const first = refusedAfterSilence(before, this.connector.answers);
    return first === undefined ? undefined : this.#made.flatMap(({ dialsMs }) => dialsMs)[first];
  }

  /**
   * Which sequences may have opened the door for a connect that left at `startedMs`: that of its try; that of the try
   * before it too, unless connects in between have found it shut.
   */
  sequencesFor(startedMs: number): readonly number[] {
    const index = this.#tryAt(startedMs);
    const { sequence = 0, dialsMs = [] } = this.#made[index] ?? {};
    const before = this.#made[index - 1];
    const isCertain = dialsMs.filter((ms) => ms < startedMs - 0.5).length >= ENOUGH_SHUT;
    return before === undefined || isCertain ? [sequence] : [sequence, before.sequence];
  }

  /** The memory after a login that connected by `dial`. Tries after the one it belongs to tell nothing. */
  learnedFrom(dial: CompletedConnect): History {
    const index = this.#tryAt(dial.startedMs);
    const made = this.#made[index];
    if (made === undefined) return this.#memory;
    const tries = this.#made
      .slice(0, index + 1)
      .map(({ plan: { delayMs } }, i) => ({ delayMs, opened: i === index }));
    const earlier = made.dialsMs.filter((ms) => ms < dial.startedMs - 0.5);
    const byMs = dial.startedMs - made.knockedMs;
    const afterMs = earlier.length === 0 ? 0 : earlier.at(-1)! - made.knockedMs;
    // The first connect of a later try may find the door that the try before it has opened.
    const isFresh = index === 0 || earlier.length > 0;
    return learn(this.#memory, {
      tries,
      opened: {
        rttMs: round(dial.tookMs),
        atMs: this.#environment.clock.dateMs(),
        by: this.#environment.pid,
        ...(isFresh && { interval: [round(afterMs), round(byMs)] as const }),
      },
    });
  }

  /** The memory after a login that never connected. */
  learnedNothing(): History {
    return learn(this.#memory, { tries: [] });
  }

  /** The memory after a login that opened the door, and nothing listened. */
  learnedNothingListens(): History {
    return learnNothingListens(this.#memory, this.#environment.clock.dateMs());
  }

  #tryAt(timeMs: number): number {
    return this.#made.findLastIndex(({ knockedMs }) => knockedMs <= timeMs);
  }

  close(): void {
    this.#knocker.close();
    this.connector.close();
  }
}

/** How many knocks one try may send: a preamble is at most one knock longer than its sequence. */
export function mostKnocks(sequences: readonly Sequence[]): number {
  return 2 * Math.max(...sequences.map(({ steps }) => steps.length)) + 1;
}

/** With more sequences than these, a login has not the tries for one of the likeliest after each other one. */
const FEW_SEQUENCES = 4;

/**
 * Which sequence a try sends: the likeliest twice, then in turn with each other one, 0 0 1 0 2 0 1 ...; of many, the
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

/** How many tries it takes until each sequence was sent. */
export function triesForEach(sequences: number): number {
  return sequences > FEW_SEQUENCES ? sequences + 3 : 2 * sequences - 1;
}

/** To a tenth of a millisecond: more is noise. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
