import type net from 'node:net';
import type { Source } from '../config/settings.ts';
import type { CompletedConnect } from '../network/connector.ts';
import type { Target } from '../network/resolve.ts';
import type { Attempt } from '../plan/attempt.ts';
import { type History, HOPELESS_LOGINS } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Clock } from '../util/clock.ts';
import { KnockproxyError } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import { AddressAttempts, type LaneHandlers, mostKnocks, triesForEach } from './address-attempts.ts';
import { AttemptBudget, ONE_TRY } from './attempt-limits.ts';
import { type Environment, realEnvironment } from './environment.ts';
import { stayedShut } from './failure-messages.ts';
import type { Answers } from './refused-after-silence.ts';

export interface OpenRequest {
  readonly host: string;
  /** What the door is, for what a failure may mean. */
  readonly kind?: Source['kind'];
  /** At least one, the likeliest first; the others are tried when it does not open. */
  readonly sequences: readonly Sequence[];
  /** At least one, the preferred first, each with what was learned about it. */
  readonly targets: readonly (Target & { readonly memory: History })[];
  /** When to give up, on the environment's clock. */
  readonly deadlineMs: number;
  readonly report: Log;
  /** What may be sent. */
  readonly budget: AttemptBudget;
  /** Keeps what a login learned. */
  readonly remember: (target: Target, memory: History) => void;
  /** The first knock of a sequence is about to leave: from then on it is on the wire. */
  readonly sending?: ((sequence: number) => void) | undefined;
  /** A whole sequence was sent to a target: it may have opened the door. */
  readonly sent?: (target: Target) => void;
  /** What connects to the first target before the knocks were answered; default: there were none. */
  readonly before?: Answers;
  readonly environment?: Environment | undefined;
  /** What the socket reads into; undefined: it is an ordinary stream. */
  readonly onread?: net.OnReadOpts | undefined;
  /** Ends the opening at once with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Opened {
  /** Connected and paused: nothing of it has been read; undefined: nothing listens behind the open door. */
  readonly socket?: net.Socket;
  /** Which of the sequences may have opened the door, at least one. */
  readonly sequences: readonly number[];
  readonly target: Target;
}

/** One try is made even where a busy machine, or others before us, have used up the time, in milliseconds. */
const LEAST_TIME_MS = 400;
/** How long that one try waits for its connects, in milliseconds. */
const LONE_TRY_WAIT_MS = 1000;
/** The same for the last that a budget has room for: 30 tries can be over shortly before the default limit is. */
const LAST_TRY_WAIT_MS = 2000;

/**
 * Opens the door: knocks, connects the moment it opens, and knocks again until a connect completes, or shows that the
 * door is open and nothing listens.
 *
 * @throws KnockproxyError when the time or a budget is up, or this machine refuses to send.
 */
export async function openDoor(request: OpenRequest): Promise<Opened> {
  const opening = new AttemptLoop(request);
  try {
    return await opening.run();
  } finally {
    opening.close();
  }
}

/** The budget of a login: after too many that failed, as many tries as give each sequence one (see address-attempts.ts). */
export function budgetFor(
  { targets, sequences }: Pick<OpenRequest, 'targets' | 'sequences'>,
  keptKnocks: number,
): AttemptBudget {
  const isHopeless = targets.every(({ memory }) => memory.failedLogins >= HOPELESS_LOGINS);
  return new AttemptBudget(
    isHopeless ? targets.length * triesForEach(sequences.length) : undefined,
    keptKnocks,
  );
}

class AttemptLoop {
  readonly #request: OpenRequest;
  readonly #lanes: AddressAttempts[];
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #deadlineMs: number;
  #opened: Opened | undefined;
  #wake = () => {};

  constructor(request: OpenRequest) {
    const { environment = realEnvironment } = request;
    this.#request = request;
    this.#clock = environment.clock;
    this.#startedMs = this.#clock.nowMs();
    this.#deadlineMs = Math.max(request.deadlineMs, this.#startedMs + LEAST_TIME_MS);
    this.#lanes = request.targets.map(({ memory, ...target }, index) => {
      const before = index === 0 ? request.before : undefined;
      const handlers: LaneHandlers = {
        connected: (socket, dial) => this.#won(lane, socket, dial),
        answered: () => this.#answered(lane, before ?? []),
        sending: (sequence) => request.sending?.(sequence),
      };
      const lane: AddressAttempts = new AddressAttempts(
        target,
        memory,
        handlers,
        environment,
        request.onread,
      );
      return lane;
    });
    request.signal?.addEventListener('abort', this.#onAbort);
  }

  /** The story: try after try, address after address, until one connect has completed. */
  async run(): Promise<Opened> {
    for (let turn = 0; this.#goingOn && !this.#spent; turn++) {
      const lane = this.#lanes[turn % this.#lanes.length]!;
      const plan = lane.plan(this.#request.sequences);
      this.#tell(lane, plan);
      try {
        await this.#knock(lane, plan);
      } catch (error) {
        await this.#refused(lane, error);
        continue;
      }
      await this.#connect(lane, plan);
    }
    return this.#opened ?? this.#fail();
  }

  close(): void {
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    for (const lane of this.#lanes) lane.close();
    this.#request.report.clearStatus();
  }

  /** Sends the try's knocks. No connect is started meanwhile: to some doors it would be a wrong knock. */
  async #knock(lane: AddressAttempts, plan: Attempt): Promise<void> {
    this.#request.budget.tries++;
    const startMs = this.#clock.nowMs();
    for (const knock of plan.knocks) {
      await this.#sleepUntil(startMs + knock.atMs);
      if (!this.#goingOn) return;
      this.#request.budget.knocks++;
      await lane.knock(knock);
    }
    lane.knocked(plan);
    this.#request.sent?.(lane.target);
  }

  /** Starts connects until one completes or the try's time is over. */
  async #connect(lane: AddressAttempts, { connectsMs: probesMs, waitMs }: Attempt): Promise<void> {
    const knockedMs = this.#clock.nowMs();
    for (const [index, atMs] of probesMs.entries()) {
      await this.#sleepUntil(knockedMs + atMs);
      await this.#clock.pollSockets();
      if (!this.#goingOn || !this.#request.budget.hasConnects) break;
      // On a busy machine several are due at once: one is enough.
      const isOverdue = this.#clock.nowMs() >= knockedMs + (probesMs[index + 1] ?? Number.POSITIVE_INFINITY);
      if (isOverdue) continue;
      this.#request.budget.connects++;
      lane.dial();
    }
    await this.#sleepUntil(knockedMs + Math.max(waitMs, this.#lastWaitMs));
    await this.#clock.pollSockets();
  }

  get #goingOn(): boolean {
    return (
      this.#opened === undefined && !this.#request.signal?.aborted && this.#clock.nowMs() < this.#deadlineMs
    );
  }

  /** Which budget has no room for one more try; undefined: none. */
  get #spent(): string | undefined {
    return this.#request.budget.spent(mostKnocks(this.#request.sequences));
  }

  /** How long the last try waits at least. */
  get #lastWaitMs(): number {
    if (this.#spent === undefined) return 0;
    return this.#spent === ONE_TRY ? LONE_TRY_WAIT_MS : LAST_TRY_WAIT_MS;
  }

  /** Sleeps to a time of this.#clock.nowMs(), or until there is no more reason to go on. */
  async #sleepUntil(timeMs: number): Promise<void> {
    const ms = Math.min(timeMs, this.#deadlineMs) - this.#clock.nowMs();
    if (ms <= 0 || !this.#goingOn) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.startTimer(resolve, ms);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  readonly #onAbort = () => this.#wake();

  #won(lane: AddressAttempts, socket: net.Socket, dial: CompletedConnect): void {
    if (this.#opened !== undefined) return void socket.destroy();
    this.#opened = { socket, sequences: lane.sequencesFor(dial.startedMs), target: lane.target };
    this.#wake();
    this.#request.remember(lane.target, lane.learnedFrom(dial));
  }

  #answered(lane: AddressAttempts, before: Answers): void {
    const refusedMs = lane.refusedMs(before);
    if (refusedMs === undefined || this.#opened !== undefined) return;
    this.#opened = { sequences: lane.sequencesFor(refusedMs), target: lane.target };
    this.#wake();
    this.#request.remember(lane.target, lane.learnedNothingListens());
  }

  /** Nothing can be sent to this address: leave it out, or, once it could be sent to, wait for the network. */
  async #refused(lane: AddressAttempts, error: unknown): Promise<void> {
    if (!(error instanceof KnockproxyError)) throw error;
    this.#request.report.debug(error.message);
    if (lane.hasKnocked) return this.#sleepUntil(this.#clock.nowMs() + 250);
    if (this.#lanes.length === 1) throw error;
    lane.close();
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
  }

  #fail(): never {
    this.#request.signal?.throwIfAborted();
    for (const lane of this.#lanes) this.#request.remember(lane.target, lane.learnedNothing());
    throw stayedShut({
      host: this.#request.host,
      lanes: this.#lanes,
      tries: this.#request.budget.tries,
      seconds: (this.#clock.nowMs() - this.#startedMs) / 1000,
      spent: this.#spent,
      kind: this.#request.kind,
    });
  }

  #tell(lane: AddressAttempts, { knocks, delayMs }: Attempt): void {
    const { report, host } = this.#request;
    const { address, port } = lane.target;
    const number = this.#request.budget.tries + 1;
    const seconds = (this.#clock.nowMs() - this.#startedMs) / 1000;
    report.debug(
      `try ${number}: ${knocks.length} knocks on ${address}, ${delayMs} ms apart, then port ${port}`,
    );
    if (seconds >= 1) report.status(`opening ${host}: try ${number}, ${Math.floor(seconds)} s`);
  }
}
