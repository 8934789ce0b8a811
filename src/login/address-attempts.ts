import type net from 'node:net';
import type { CompletedConnect } from '../network/connector.ts';
import type { ConnectStarter, KnockSender } from '../network/network.ts';
import type { Target } from '../network/resolve.ts';
import { SYN_LIFETIME_MS } from '../network/syn-lifetime.ts';
import type { Attempt, Connect, Knock } from '../plan/attempt.ts';
import { isCautious, isLimitNoted } from '../plan/attempt-limits.ts';
import type { History } from '../plan/history.ts';
import { countSyns } from '../plan/knocking.ts';
import { type LoginResult, learn, learnNothingListens } from '../plan/learn.ts';
import { isLossy } from '../plan/line-quality.ts';
import { planAttempt } from '../plan/plan-attempt.ts';
import type { AttemptHandlers, EarlierConnects, KnownTarget, LoginContext } from './address-context.ts';
import { attemptsForEach, rotatingSequenceFor, sequenceFor } from './candidate-order.ts';
import type { Environment } from './environment.ts';
import { loginResult } from './login-result.ts';
import { MadeAttempts } from './made-attempts.ts';
import { type ConnectAnswers, refusedAfterSilence } from './refused-after-silence.ts';
import { refusedEachTime } from './refused-each-time.ts';

/** How often a login makes a connect more to confirm a refusal. */
const MOST_ASKED = 2;

/** One address of the host, with its own knocks, attempts and history. */
export class AddressAttempts {
  readonly target: Target;
  readonly made = new MadeAttempts();
  readonly connector: ConnectStarter;
  /** No further attempt is planned. */
  isDone = false;
  readonly #environment: Environment;
  readonly #knocker: KnockSender;
  readonly #history: History;
  readonly #handlers: AttemptHandlers;
  readonly #before: EarlierConnects;
  readonly #hiddenPort: number | undefined;
  /** Connects made to confirm a refusal. */
  #asked = 0;

  constructor(
    { history, ...target }: KnownTarget,
    handlers: AttemptHandlers,
    environment: Environment,
    before: EarlierConnects,
    onread?: net.OnReadOpts,
  ) {
    const { address, port, knockAddress = address } = target;
    this.target = target;
    this.#hiddenPort = knockAddress === address ? port : undefined;
    this.#history = history;
    this.#handlers = handlers;
    this.#environment = environment;
    this.#before = before;
    this.#knocker = environment.network.knocker(target);
    const { connected, answered } = handlers;
    const handled = { connected, ...(answered && { failed: answered }) };
    this.connector = environment.network.connector(target, handled, onread);
  }

  /** Plans the next attempt and opens what it needs; undefined: there is none. */
  plan({ sequences, isRotating, addresses, ...login }: LoginContext): Attempt | undefined {
    if (this.isRefused) {
      this.isDone = true;
      return undefined;
    }
    const { clock, random } = this.#environment;
    const order = isRotating ? rotatingSequenceFor : sequenceFor;
    const sequence = order(this.made.all.length + 1, sequences.length);
    const plan = planAttempt({
      ...login,
      sequence: sequences[sequence]!,
      history: this.#history,
      made: this.made.plans,
      nowAt: clock.dateMs(),
      elapsedMs: clock.nowMs() - (this.made.all[0]?.knockedMs ?? clock.nowMs()),
      hasAnswered: this.made.hasStoppedAnswering(this.connector.answers),
      ...(isRotating && { candidates: sequences.length }),
      attemptsForEach: addresses * attemptsForEach(sequences.length, isRotating),
      ...(this.#hiddenPort !== undefined && { hiddenPort: this.#hiddenPort }),
      random,
    });
    if (plan === undefined) this.isDone = true;
    else {
      this.#knocker.prepare(plan.knocks);
      this.made.begin(plan, sequence, isRotating ? JSON.stringify(sequences[sequence]!.steps) : '');
    }
    return plan;
  }

  /** @throws KnockproxyError when this machine refuses to send. */
  async knock(knock: Knock): Promise<void> {
    const { plan, sequence, knockSynsMs } = this.made.last;
    if (knock === plan.knocks[0]) this.#handlers.sending?.(sequence);
    await this.#knocker.send(knock);
    if (countSyns([knock], this.#hiddenPort) > 0) knockSynsMs.push(this.#environment.clock.nowMs());
  }

  /** All knocks of the attempt are out. */
  knocked(): void {
    this.made.last.knockedMs = this.#environment.clock.nowMs();
  }

  dial({ isKept }: Pick<Connect, 'isKept'>): void {
    this.made.last.connects.push({ startedMs: this.#environment.clock.nowMs(), isKept });
    this.connector.connect(isKept ? 0 : SYN_LIFETIME_MS);
  }

  /** One connect more, without knocks. */
  dialAgain(): void {
    this.#asked++;
    this.dial({ isKept: false });
  }

  /** Whether one more connect may show that the door is open and nothing listens. */
  get isWorthAsking(): boolean {
    const isFree = !this.made.isKnocking && this.#asked < MOST_ASKED;
    return isFree && refusedAfterSilence(this.#answers, 1) !== undefined;
  }

  /** SYNs to the hidden port that belong to no plan. */
  get unplannedSyns(): number {
    return this.#before.synsAt.length + this.#asked;
  }

  /** Whether a limit on new connections seems to be why nothing answers: found now, or by a login before. */
  get isLimited(): boolean {
    const isNoted = isLimitNoted(this.#history, this.#environment.clock.dateMs());
    const isFound = this.made.plans.at(-1)?.isLimited ?? false;
    return isFound || (isNoted && this.connector.lastAnswer === undefined);
  }

  /** Whether fewer attempts are made than the time allows, because the last logins failed. */
  get isLone(): boolean {
    return isCautious(this.#history, this.#environment.clock.dateMs());
  }

  /**
   * When the first connect left that found the door open and nothing listening, on the clock of nowMs(); undefined: no
   * connect shows that.
   */
  get refusedMs(): number | undefined {
    const first = this.#refusedEachTime === 'open' ? 0 : refusedAfterSilence(this.#answers);
    return first === undefined ? undefined : this.made.connects[first]?.startedMs;
  }

  /** Until when a connect may still be answered, on the clock of nowMs(). */
  get answersEndMs(): number {
    return this.connector.answers.includes(undefined) ? this.made.answersEndMs : 0;
  }

  /** Whether every connect was refused, often enough that further sequences would tell no more. */
  get isRefused(): boolean {
    return this.#refusedEachTime === 'unclear';
  }

  get #refusedEachTime() {
    const { clock } = this.#environment;
    const beganMs = this.made.connects[0]?.startedMs ?? clock.nowMs();
    const beganAt = clock.dateMs() - clock.nowMs() + beganMs;
    return refusedEachTime(this.made.all, this.connector.answers, this.#history, beganAt);
  }

  /** The history after a login that connected by `completed`, or by none. */
  learned(completed?: CompletedConnect): History {
    return learn(this.#history, this.#result(completed));
  }

  /** The history after a login that opened the door, and nothing listened. */
  learnedNothingListens(): History {
    return learnNothingListens(this.#history, this.#result());
  }

  close(): void {
    this.#knocker.close();
    this.connector.close();
  }

  #result(completed?: CompletedConnect): LoginResult {
    const { clock, pid } = this.#environment;
    const now = { nowMs: clock.nowMs(), nowAt: clock.dateMs() };
    const made = {
      attempts: this.made.all,
      earlierSynsAt: this.#before.synsAt,
      answers: this.#answers,
      ...now,
      pid,
    };
    return loginResult(made, completed);
  }

  get #answers(): ConnectAnswers {
    const isLineLossy = isLossy(this.#history);
    return { before: this.#before.answers, after: this.connector.answers, isLossy: isLineLossy };
  }
}
