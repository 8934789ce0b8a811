import type net from 'node:net';
import type { CompletedConnect } from '../network/connector.ts';
import { type Attempt, DEFAULT_CONNECTS } from '../plan/attempt.ts';
import { leastLimitMs } from '../plan/knocking.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Clock } from '../util/clock.ts';
import { KnockproxyError } from '../util/errors.ts';
import { AddressAttempts } from './address-attempts.ts';
import type { EarlierConnects, KnownTarget } from './address-context.ts';
import { mostKnocks } from './candidate-order.ts';
import { realEnvironment } from './environment.ts';
import { ALL_KNOCKS } from './knock-budget.ts';
import { isRotating, type Opened, type OpenRequest, type StayedShut } from './open-request.ts';
import { Patience } from './patience.ts';
import { connectWhenDue, type Sending, sendKnocks } from './send-attempt.ts';
import { stayedShutAt } from './shut-result.ts';

/** How long a machine that cannot send any more waits for its network, in milliseconds. */
const NETWORK_WAIT_MS = 250;
/** When a port that has begun to refuse is asked once more, in milliseconds after the refusal. */
const ASK_AGAIN_MS = 25;
const NO_CONNECTS: EarlierConnects = { answers: [], synsAt: [] };

/**
 * Opens the door: knocks, connects when it has opened, and knocks again until a connect completes, or shows that the
 * door is open and nothing listens.
 *
 * @throws KnockproxyError when the door stays shut, ConnectTimeout cannot hold one sequence, or this machine refuses to
 *   send; the signal's reason when it aborts.
 */
export async function openDoor(request: OpenRequest): Promise<Opened> {
  const result = await tryToOpen(request);
  if (result.kind === 'opened') return result;
  const { network } = request.environment ?? realEnvironment;
  const isMissing = await Promise.all(result.addresses.map(({ target }) => network.isMissing(target)));
  const { stayedShut } = await import('./failure-messages.ts');
  throw stayedShut(request.host, request.kind, result, isMissing.every(Boolean));
}

/** The same, with a door that stays shut as a result. */
export async function tryToOpen(request: OpenRequest): Promise<Opened | StayedShut> {
  const { connectTimeout, sequences } = request;
  const leastMs = Math.max(...sequences.map(leastLimitMs));
  if (connectTimeout !== undefined && connectTimeout.ms < leastMs) {
    const { timeoutTooShort } = await import('./failure-messages.ts');
    throw timeoutTooShort(request.host, connectTimeout.ms, leastMs);
  }
  const loop = new AttemptLoop(request);
  try {
    return await loop.run();
  } finally {
    loop.close();
  }
}

class AttemptLoop {
  readonly #request: OpenRequest;
  readonly #addresses: AddressAttempts[];
  readonly #clock: Clock;
  readonly #patience: Patience;
  #opened: Opened | undefined;
  #attempts = 0;
  #usedUp: string | undefined;
  #sequences: readonly Sequence[];
  #refusal: KnockproxyError | undefined;

  constructor(request: OpenRequest) {
    this.#request = request;
    this.#sequences = request.sequences;
    this.#clock = (request.environment ?? realEnvironment).clock;
    this.#patience = new Patience(request, this.#clock);
    this.#addresses = request.targets.map((target, index) =>
      this.#attemptsAt(target, index === 0 ? request.before : undefined),
    );
  }

  /** Attempt after attempt, address after address, until one connect has completed. */
  async run(): Promise<Opened | StayedShut> {
    for (let turn = 0; this.#goesOn && !this.#isSpent; turn++) {
      await this.#renew();
      if (!this.#goesOn) break;
      const address = this.#addresses[turn % this.#addresses.length]!;
      const attempt = this.#plan(address);
      if (attempt === undefined) continue;
      if (++this.#attempts === 1) this.#patience.extend(attempt.knocks.at(-1)!.atMs);
      try {
        await sendKnocks(address, attempt, this.#sending);
      } catch (error) {
        await this.#refused(address, error);
        continue;
      }
      await connectWhenDue(address, attempt, this.#sending);
    }
    const answersEndMs = Math.max(...this.#addresses.map(({ answersEndMs }) => answersEndMs));
    await this.#patience.sleepUntil(answersEndMs);
    await this.#clock.pollSockets();
    return this.#opened ?? this.#fail();
  }

  close(): void {
    this.#patience.end();
    for (const address of this.#addresses) address.close();
    this.#request.report.clearStatus();
  }

  /** A connect that completes meanwhile ends the wait, as the deadline does. */
  async #renew(): Promise<void> {
    const { renew } = this.#request;
    if (renew === undefined) return;
    const ended = this.#patience.sleepUntil(Number.POSITIVE_INFINITY);
    this.#sequences = (await renew(ended)) ?? this.#sequences;
  }

  #attemptsAt(target: KnownTarget, before = NO_CONNECTS): AddressAttempts {
    const { environment = realEnvironment, onread, sending } = this.#request;
    const address: AddressAttempts = new AddressAttempts(
      target,
      {
        connected: (socket, completed) => this.#connected(address, socket, completed),
        answered: () => this.#answered(address),
        sending: (sequence) => sending?.(sequence),
      },
      environment,
      before,
      onread,
    );
    return address;
  }

  #plan(address: AddressAttempts): Attempt | undefined {
    if (address.isDone) return undefined;
    const { kind, limitMs, mostConnects = DEFAULT_CONNECTS } = this.#request;
    const others = this.#addresses.filter((other) => other !== address);
    const attempt = address.plan({
      sequences: this.#sequences,
      isRotating: isRotating(kind),
      limitMs,
      mostConnects,
      remainingMs: this.#patience.remainingMs,
      addresses: this.#addresses.length,
      others: others.flatMap(({ made }) => made.plans),
      otherSyns: this.#addresses.reduce((sum, { unplannedSyns }) => sum + unplannedSyns, 0),
    });
    if (attempt !== undefined) this.#report(address, attempt);
    return attempt;
  }

  get #sending(): Sending {
    const { sent, budget } = this.#request;
    const goesOn = () => this.#goesOn;
    return { clock: this.#clock, patience: this.#patience, budget, goesOn, ...(sent && { sent }) };
  }

  get #goesOn(): boolean {
    return this.#opened === undefined && this.#patience.lasts;
  }

  /** Whether no further attempt can be made. */
  get #isSpent(): boolean {
    if (this.#addresses.every(({ isDone }) => isDone)) return true;
    if (this.#request.budget.hasRoomFor(mostKnocks(this.#sequences))) return false;
    this.#usedUp = ALL_KNOCKS;
    return true;
  }

  #connected(address: AddressAttempts, socket: net.Socket, completed: CompletedConnect): void {
    if (this.#opened !== undefined) return void socket.destroy();
    this.#finish(address, completed.startedMs, socket);
    this.#request.remember(address.target, address.learned(completed));
  }

  #answered(address: AddressAttempts): void {
    if (this.#opened !== undefined) return;
    const { refusedMs } = address;
    if (refusedMs === undefined) {
      this.#askAgain(address);
      return;
    }
    this.#finish(address, refusedMs);
    this.#request.remember(address.target, address.learnedNothingListens());
  }

  /** A port that refuses after silence is asked once more, unless the next knocks are on their way. */
  #askAgain(address: AddressAttempts): void {
    if (!address.isWorthAsking) return;
    this.#patience.later(ASK_AGAIN_MS, () => {
      if (this.#goesOn && address.isWorthAsking) address.dialAgain();
    });
  }

  #finish(address: AddressAttempts, startedMs: number, socket?: net.Socket): void {
    this.#opened = {
      kind: 'opened',
      ...(socket && { socket }),
      sequences: address.made.sequencesFor(startedMs),
      target: address.target,
      openMs: this.#clock.nowMs() - (address.made.knockedBefore(startedMs) ?? startedMs),
    };
    this.#patience.wake();
  }

  /** Nothing can be sent to this address: leave it out, or, once it could be sent to, wait for the network. */
  async #refused(address: AddressAttempts, error: unknown): Promise<void> {
    if (!(error instanceof KnockproxyError)) throw error;
    this.#request.report.debug(error.message);
    address.made.all.pop();
    if (address.made.hasKnocked) return this.#patience.sleepUntil(this.#clock.nowMs() + NETWORK_WAIT_MS);
    if (this.#addresses.length === 1) throw error;
    this.#refusal ??= error;
    address.close();
    this.#addresses.splice(this.#addresses.indexOf(address), 1);
  }

  #fail(): StayedShut {
    this.#request.signal?.throwIfAborted();
    for (const address of this.#addresses) this.#request.remember(address.target, address.learned());
    const { elapsedMs } = this.#patience;
    const spent = { attempts: this.#attempts, elapsedMs, usedUp: this.#usedUp, refusal: this.#refusal };
    return stayedShutAt(this.#addresses, spent);
  }

  #report({ target: { address, port } }: AddressAttempts, { knocks, delayMs }: Attempt): void {
    const { report, host } = this.#request;
    const number = this.#attempts + 1;
    const seconds = this.#patience.elapsedMs / 1000;
    report.debug(
      `attempt ${number}: ${knocks.length} knocks on ${address}, ${delayMs} ms apart, then port ${port}`,
    );
    if (seconds >= 1) report.status(`opening ${host}: attempt ${number}, ${Math.floor(seconds)} s`);
  }
}
