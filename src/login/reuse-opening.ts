import type net from 'node:net';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { Target } from '../network/resolve.ts';
import { isLimitless } from '../plan/connection-limit.ts';
import { type History, isWithin, slowestRttMs } from '../plan/history.ts';
import { learnSyns } from '../plan/learn.ts';
import { isLossy } from '../plan/line-quality.ts';
import type { EarlierConnects } from './address-context.ts';
import { connectWithoutKnock } from './connect-without-knock.ts';
import type { Environment } from './environment.ts';
import type { LoginRequest } from './login-request.ts';

/** How long a door said to be open may take to answer, in milliseconds, when the round trip is not known. */
const UNKNOWN_ANSWER_MS = 300;
/** It is given at least so long, in milliseconds. */
const LEAST_ANSWER_MS = 20;
/** What a busy machine is given at most, in milliseconds. */
const MOST_SLOWNESS_MS = 1500;
/** A burst of logins goes on as long as each starts so soon after the one before, in milliseconds. */
const BURST_GAP_MS = 300;
/** How long after an opening the rest of a burst still counts on it, in milliseconds. */
const BURST_MS = 3000;

type ReusingLogin = Pick<LoginRequest, 'report' | 'beganMs' | 'onread'>;

/**
 * The door as another process of this user has opened it. A login on its own never counts on that: the door may
 * be shut again, and trying it would cost time. Of many that start at once, the slow to start do.
 */
export class ReusedOpening {
  readonly #environment: Environment;
  readonly #target: Target;
  readonly #state: HistoryStore;
  readonly #login: ReusingLogin;
  /** A machine too busy to start us quickly does not hear an answer quickly either. */
  readonly #slownessMs: number;
  /** When our login began, in ms since the epoch. */
  readonly #beganAt: number;
  /** The opening we have tried already, in ms since the epoch. */
  #triedAt = 0;
  /** The last connects without a knock. */
  before: EarlierConnects = { answers: [], synsAt: [] };
  /** When the login before us started, in ms since the epoch; 0: none is known. */
  readonly #startedAt: number;

  constructor(target: Target, state: HistoryStore, login: ReusingLogin, environment: Environment) {
    const { beganMs = 0 } = login;
    const { clock } = environment;
    this.#environment = environment;
    this.#slownessMs = Math.min(MOST_SLOWNESS_MS, (clock.nowMs() - beganMs) / 2);
    this.#beganAt = clock.dateMs() - clock.nowMs() + beganMs;
    this.#target = target;
    this.#state = state;
    this.#login = login;
    this.#startedAt = state.touch(target);
  }

  /**
   * Connects when the door is said to be open, was opened since our login began and not tried since, or is
   * likely to be, in a burst.
   *
   * @param reason 'opened': another process says so; 'asked': it may be, and knocking would cost more than a connect.
   * @param deadlineMs on the clock of nowMs().
   * @returns the connected, paused socket; undefined where the door is not, or no longer, open.
   */
  async connect(reason: 'opened' | 'asked' | undefined, deadlineMs: number): Promise<net.Socket | undefined> {
    const { clock } = this.#environment;
    const history = this.#state.load(this.#target);
    const isNews =
      history.openedAt > Math.max(this.#triedAt, this.#beganAt) && history.openedAt <= clock.dateMs();
    const isUntried = history.openedAt > this.#triedAt;
    const isGuess = !reason && !isNews && isUntried && isBurst(history, this.#startedAt, this.#environment);
    if (!reason && !isNews && !isGuess) return undefined;
    this.#triedAt = history.openedAt;
    this.#login.report.debug('another process may have opened the door: connecting without a knock');
    const patienceMs = isGuess ? guessMs(history) : answerMs(history);
    const ms = Math.min(Math.max(patienceMs, this.#slownessMs), deadlineMs - clock.nowMs());
    const waitMs = Math.max(LEAST_ANSWER_MS, ms);
    // A port that is likely to be shut is asked once: each SYN counts where a server limits them.
    const isAskedTwice = reason === 'opened' || isNews || isLossy(history);
    const asking = { target: this.#target, ms: waitMs, isAskedTwice, onread: this.#login.onread };
    const { socket, ...before } = await connectWithoutKnock(asking, this.#environment);
    this.before = before;
    if (socket) this.#state.update(this.#target, (saved) => learnSyns(saved, before.synsAt, clock.dateMs()));
    return socket;
  }
}

/**
 * Whether others start with us: one has opened the door a moment ago, and is still at it, or yet another has
 * started since.
 *
 * @param startedAt when the login before us started, in ms since the epoch.
 */
function isBurst(history: History, startedAt: number, { clock, isAlive }: Environment): boolean {
  const { openedAt, openedBy } = history;
  const now = clock.dateMs();
  const anotherHasStarted = startedAt > openedAt && isWithin(BURST_GAP_MS, startedAt, now);
  // One that is still alive may be all there is: a wrong guess is one more SYN.
  const isAtIt = isLimitless(history) && isAlive(openedBy);
  return isWithin(BURST_MS, openedAt, now) && (anotherHasStarted || isAtIt);
}

function answerMs(history: History): number {
  const rttMs = slowestRttMs(history);
  return rttMs === undefined ? UNKNOWN_ANSWER_MS : 1.5 * rttMs + 50;
}

/** The same where the door only may be open: a wrong guess must not cost much. */
function guessMs(history: History): number {
  return 1.5 * (slowestRttMs(history) ?? 0) + LEAST_ANSWER_MS;
}
