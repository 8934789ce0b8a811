import type net from 'node:net';
import { nowMs } from '../clock.ts';
import { learn, type Memory } from '../door/memory.ts';
import { planTry, type Try } from '../door/schedule.ts';
import type { Sequence } from '../door/sequence.ts';
import { type Dial, Dialer } from './dial.ts';
import { Knocker } from './knock.ts';
import type { Target } from './target.ts';

/** A try that was made: its plan, and when its last knock and its connects left (nowMs()). */
interface Made {
  readonly plan: Try;
  readonly sequence: number;
  readonly knockedMs: number;
  readonly dialsMs: number[];
}

/** One address of the host: it gets its own knocks, makes its own tries and learns its own lessons. */
export class Lane {
  readonly target: Target;
  readonly dialer: Dialer;
  readonly #knocker: Knocker;
  readonly #memory: Memory;
  readonly #made: Made[] = [];
  #sequence = 0;

  constructor(
    target: Target,
    memory: Memory,
    connected: (socket: net.Socket, dial: Dial) => void,
    onread?: net.OnReadOpts,
  ) {
    this.target = target;
    this.#memory = memory;
    this.#knocker = new Knocker(target);
    this.dialer = new Dialer(target, { connected }, onread);
  }

  /** Plans the next try and opens what it needs. */
  plan(sequences: readonly Sequence[]): Try {
    this.#sequence = candidate(this.#made.length + 1, sequences.length);
    const plan = planTry({
      sequence: sequences[this.#sequence]!,
      memory: this.#memory,
      failed: this.#made.map(({ plan: { delayMs } }) => ({ delayMs, opened: false })),
      number: this.#made.length + 1,
      random: Math.random,
    });
    this.#knocker.prepare(plan.knocks);
    return plan;
  }

  /** @throws KnockproxyError when this machine refuses to send. */
  knock(knock: Try['knocks'][number]): Promise<void> {
    return this.#knocker.send(knock);
  }

  /** Whether a whole sequence could be sent. */
  get hasKnocked(): boolean {
    return this.#made.length > 0;
  }

  /** All knocks of a try are out. */
  knocked(plan: Try): void {
    this.#made.push({ plan, sequence: this.#sequence, knockedMs: nowMs(), dialsMs: [] });
  }

  dial(lifeMs?: number): void {
    this.#made.at(-1)?.dialsMs.push(nowMs());
    this.dialer.dial(lifeMs);
  }

  /** Which sequence the try sent that `dial` belongs to. */
  sequenceOf(dial: Dial): number {
    return this.#made[this.#tryOf(dial)]?.sequence ?? 0;
  }

  /** The memory after a login that connected by `dial`. Tries after the one it belongs to tell nothing. */
  learnedFrom(dial: Dial): Memory {
    const index = this.#tryOf(dial);
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
        atMs: Date.now(),
        by: process.pid,
        ...(isFresh && { interval: [round(afterMs), round(byMs)] as const }),
      },
    });
  }

  /** The memory after a login that never connected. */
  learnedNothing(): Memory {
    return learn(this.#memory, { tries: [] });
  }

  #tryOf(dial: Dial): number {
    return this.#made.findLastIndex(({ knockedMs }) => knockedMs <= dial.startedMs);
  }

  close(): void {
    this.#knocker.close();
    this.dialer.close();
  }
}

/** How many knocks one try may send: a preamble is at most one knock longer than its sequence. */
export function mostKnocks(sequences: readonly Sequence[]): number {
  return 2 * Math.max(...sequences.map(({ steps }) => steps.length)) + 1;
}

/** The likeliest sequence twice, then in turn with each other one: 0 0 1 0 2 0 1 ... */
function candidate(number: number, sequences: number): number {
  if (sequences === 1 || number <= 2 || number % 2 === 0) return 0;
  return 1 + (((number - 3) / 2) % (sequences - 1));
}

/** To a tenth of a millisecond: more is noise. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
