import type net from 'node:net';
import { AddressAttempts, type LaneHandlers, mostKnocks } from '../login/address-attempts.ts';
import type { AttemptBudget } from '../login/attempt-limits.ts';
import { realEnvironment } from '../login/environment.ts';
import type { Answers } from '../login/refused-after-silence.ts';
import type { Target } from '../network/resolve.ts';
import type { Attempt } from '../plan/attempt.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import { nowMs, sleep } from '../util/clock.ts';
import type { Answer, Knocked } from './findings.ts';
import { answerOf, probe } from './probe.ts';

export interface OpenRequest {
  readonly target: Target;
  readonly memory: History;
  readonly sequences: readonly Sequence[];
  /** What the port answered before. */
  readonly before: Answer;
  /** What connects to it before were answered. */
  readonly answers: Answers;
  /** The first knock of a sequence is about to leave: from then on it is on the wire. */
  readonly sending?: ((sequence: number) => void) | undefined;
  /** What may be sent. */
  readonly budget: AttemptBudget;
  /** For how long new tries begin, in milliseconds. */
  readonly limitMs: number;
}

export interface OpenResult {
  readonly after: Answer;
  readonly knocked: Knocked;
  /** When the port is open: connected and paused. */
  readonly socket?: net.Socket;
  /** From the last knock to the connection, in milliseconds. */
  readonly openMs?: number;
  /** Which of the sequences may have opened it; undefined: none has, as far as is known. */
  readonly sequences?: readonly number[];
  /** What this has taught. */
  readonly memory?: History;
}

/** This many tries open a door over a line that loses one packet in ten, all but surely. */
export const MOST_TRIES = 12;

/**
 * Knocks as a login does, until the port opens, or a silent port refuses: then the knock has worked, and nothing
 * listens.
 *
 * @throws KnockproxyError when this machine refuses to send.
 */
export async function openAddress(request: OpenRequest): Promise<OpenResult> {
  const opening = new Opening(request);
  try {
    return await opening.run();
  } finally {
    opening.close();
  }
}

class Opening {
  readonly #request: OpenRequest;
  readonly #lane: AddressAttempts;
  #won: Omit<OpenResult, 'knocked'> | undefined;
  #sequenceMs = 0;
  /** When the last knock left. */
  #knockedMs = 0;

  constructor(request: OpenRequest) {
    this.#request = request;
    const { sending } = request;
    const handlers: LaneHandlers = {
      connected: (socket, dial) => {
        const openMs = nowMs() - this.#knockedMs;
        const learned = { sequences: lane.sequencesFor(dial.startedMs), memory: lane.learnedFrom(dial) };
        this.#won = { after: 'open', socket, openMs, ...learned };
      },
      answered: () => this.#answered(),
      ...(sending && { sending }),
    };
    const { target, memory } = request;
    const lane: AddressAttempts = new AddressAttempts(target, memory, handlers, realEnvironment);
    this.#lane = lane;
  }

  async run(): Promise<OpenResult> {
    const endMs = nowMs() + this.#request.limitMs;
    do await this.#try();
    while (!this.#isDecided() && !this.#isSpent && nowMs() < endMs);
    const knocked = { tries: this.#request.budget.tries, sequenceMs: this.#sequenceMs };
    return { ...(this.#won ?? (await this.#lookAgain())), knocked };
  }

  close(): void {
    this.#lane.close();
  }

  async #try(): Promise<void> {
    const startMs = nowMs();
    const plan = this.#lane.plan(this.#request.sequences);
    await this.#knock(plan);
    this.#knockedMs = nowMs();
    if (this.#request.budget.tries === 0) this.#sequenceMs = this.#knockedMs - startMs;
    this.#request.budget.tries++;
    await this.#connect(plan);
  }

  async #knock({ knocks }: Attempt): Promise<void> {
    const startMs = nowMs();
    for (const one of knocks) {
      await sleep(startMs + one.atMs - nowMs());
      this.#request.budget.knocks++;
      await this.#lane.knock(one);
    }
  }

  async #connect(plan: Attempt): Promise<void> {
    const startMs = nowMs();
    this.#lane.knocked(plan);
    for (const atMs of [...plan.connectsMs, plan.waitMs]) {
      await sleep(startMs + atMs - nowMs());
      if (this.#isDecided()) return;
      if (atMs >= plan.waitMs || !this.#request.budget.hasConnects) continue;
      this.#request.budget.connects++;
      this.#lane.dial();
    }
  }

  get #isSpent(): boolean {
    const { budget, sequences } = this.#request;
    return budget.spent(mostKnocks(sequences)) !== undefined;
  }

  #answered(): void {
    const refusedMs = this.#lane.refusedMs(this.#request.answers);
    if (refusedMs === undefined || this.#isDecided()) return;
    const learned = {
      sequences: this.#lane.sequencesFor(refusedMs),
      memory: this.#lane.learnedNothingListens(),
    };
    this.#won = { after: 'refused', ...learned };
  }

  #isDecided(): boolean {
    return this.#won !== undefined;
  }

  get #answer(): Answer {
    return answerOf(this.#lane.connector.lastAnswer);
  }

  /** A door that opens late is open now; else what the port answers in the end. */
  async #lookAgain(): Promise<Omit<OpenResult, 'knocked'>> {
    const { answer, socket } = await probe(this.#request.target);
    if (socket) return { after: answer, socket, openMs: nowMs() - this.#knockedMs };
    // A machine sends so many ICMP errors in a second and no more: one that answered once is not silent.
    const answers = [answer, this.#answer, this.#request.before];
    return { after: answers.find((one) => one !== 'silent') ?? 'silent' };
  }
}
