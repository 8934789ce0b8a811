import type net from 'node:net';
import type { Door } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { type KnockLock, MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { type LockPaths, lockPaths } from '../coordination/lock-paths.ts';
import { WaitingLogin } from '../coordination/waiting-logins.ts';
import type { Patience } from '../network/look-up.ts';
import type { Target } from '../network/resolve.ts';
import { type History, isWithin, NO_HISTORY } from '../plan/history.ts';
import { stepsToClose } from '../plan/reset-knocks.ts';
import { type Sequence, SLOWEST_FWKNOPD_MS, type Step } from '../plan/sequence.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import type { Log } from '../util/log.ts';
import { AttemptBudget } from './attempt-limits.ts';
import { budgetFor, openDoor } from './attempt-loop.ts';
import type { Closing } from './close-door.ts';
import { type Environment, realEnvironment } from './environment.ts';
import { nothingListens } from './failure-messages.ts';
import type { Answers } from './refused-after-silence.ts';
import { ReusedOpening } from './reuse-opening.ts';
import type { SendAgain } from './send-again.ts';

export interface Connected {
  /** Connected, paused and unread. */
  readonly socket: net.Socket;
  /** Saves the history and releases the lock: call it once the connection is handed over. */
  afterHandover(): void | Promise<void>;
}

export interface LoginRequest {
  readonly host: string;
  readonly door: Door;
  /** Obtains the sequence; called with the lock. */
  readonly obtain: (patience: Patience) => Promise<Obtained>;
  /** At least one, in order of preference. */
  readonly targets: readonly Target[];
  /** When to give up, on the clock of nowMs(). */
  readonly deadlineMs: number;
  readonly report: Log;
  /** When this login started, on the clock of nowMs(). Default 0: with the process. */
  readonly beganMs?: number;
  /** The option of the socket; undefined: an ordinary stream. */
  readonly onread?: net.OnReadOpts | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly state?: HistoryStore;
  readonly environment?: Environment;
  /** Closes the door when no login waits for it any more, if it has a close sequence. */
  readonly closeLater?: (closing: Closing) => Promise<void>;
}

/**
 * Connects to a host behind a door, coordinated with the other logins of this user: without a knock if one of them has
 * just opened the door, else by knocking under the lock.
 *
 * @throws KnockproxyError as openDoor; the signal's reason when it aborts.
 */
export async function loginBehindDoor(request: LoginRequest): Promise<Connected> {
  const { state = new HistoryStore() } = request;
  const first = withHistory(request.targets, state)[0]!;
  const paths = lockPaths(first, state);
  const waiting = new WaitingLogin(paths.runtimeFolder, paths.doorName);
  if (request.door.closeSteps) await waiting.enter();
  try {
    return await reuseOrKnock({ request, state, first, paths, waiting });
  } catch (error) {
    waiting.leave();
    throw error;
  }
}

interface Login {
  readonly request: LoginRequest;
  readonly state: HistoryStore;
  /** The address that opened last. */
  readonly first: Target;
  readonly paths: LockPaths;
  readonly waiting: WaitingLogin;
}

async function reuseOrKnock({ request, state, first, paths, waiting }: Login): Promise<Connected> {
  const { signal, environment = realEnvironment } = request;
  const { clock } = environment;
  const isOneTime = request.door.source.kind === 'one-time';
  let { deadlineMs } = request;
  const maxWaitMs = isOneTime ? Number.POSITIVE_INFINITY : MAX_LOCK_WAIT_MS;
  let lockDeadlineMs = Math.min(deadlineMs, clock.nowMs() + maxWaitMs);
  const onPaused = (ms: number) => {
    lockDeadlineMs += ms;
    deadlineMs += ms;
  };
  const reused = new ReusedOpening(first, state, request, environment);
  let isAnnounced = false;
  for (;;) {
    const socket = await reused.connect(isAnnounced, deadlineMs);
    if (socket !== undefined) return { socket, afterHandover: () => waiting.leave() };
    const taken = await takeKnockLock({
      file: paths.lockFile,
      waitMs: lockDeadlineMs - clock.nowMs(),
      signal,
      onPaused,
      clock,
    });
    if (taken.kind !== 'opened') {
      const { lock } = taken;
      // Connect first: a one-time sequence must not be used up for an open door.
      const socket = await reused.connect(isOneTime, deadlineMs).catch((error) => {
        lock.release();
        throw error;
      });
      if (socket !== undefined) return { socket, afterHandover: () => leave(lock, waiting, paths.doorName) };
      const { answers } = reused;
      if (isOneTime && isOpenInVain(answers, state.load(first), clock.dateMs())) {
        lock.release();
        throw nothingListens(request.host, first);
      }
      return knock({ request: { ...request, deadlineMs }, state, paths, lock, waiting, answers });
    }
    isAnnounced = taken.door === paths.doorName;
  }
}

/** How long after an opening to a port on which nothing listens a port that refuses counts as still open. */
const IN_VAIN_MS = 60_000;

/**
 * Whether a one-time sequence would be wasted: the door is still open from an earlier login, and nothing listens.
 *
 * @param now in ms since the epoch.
 */
export function isOpenInVain(answers: Answers, { nothingListenedAt }: History, now: number): boolean {
  return answers.includes('ECONNREFUSED') && isWithin(IN_VAIN_MS, nothingListenedAt, now);
}

function leave(lock: KnockLock, waiting: WaitingLogin, doorName: string): void {
  lock.release(doorName);
  waiting.leave();
}

interface Knocking {
  readonly request: LoginRequest;
  readonly state: HistoryStore;
  readonly paths: LockPaths;
  readonly lock: KnockLock;
  readonly waiting: WaitingLogin;
  /** The answers to connects before the knocks. */
  readonly answers: Answers;
}

/** Knocks under the lock. Unless others wait for it, the lock is released only after the handover. */
async function knock({ request, state, paths, lock, waiting, answers }: Knocking): Promise<Connected> {
  const histories: [Target, History][] = [];
  const sent: Target[] = [];
  let obtained: Obtained | undefined;
  let budget = new AttemptBudget();
  let opening: Parameters<typeof useUp>[0] | undefined;
  let isFinished = false;
  const finish = async (opened?: string) => {
    if (isFinished) return;
    isFinished = true;
    if (opening) await useUp(opening);
    obtained?.release?.();
    // Before the lock is released: the next login reads there whether the door is open.
    for (const [target, history] of histories) state.save(target, history);
    lock.release(opened);
    waiting.leave();
    await closeAll({ request, paths, budget, sent, isOpen: opened !== undefined });
  };
  try {
    request.signal?.throwIfAborted();
    const { clock } = request.environment ?? realEnvironment;
    const askedMs = clock.nowMs();
    const asks = request.door.source.kind === 'command';
    const isSpa = request.door.source.kind === 'spa';
    if (asks) lock.setAsking(true);
    obtained = await request.obtain(request);
    if (asks) lock.setAsking(false);
    const sequences = obtained.candidates.map((steps) => sequenceOf(request.door, steps));
    const targets = withHistory(request.targets, state);
    budget = budgetFor({ sequences, targets }, knocksToClose(request.door));
    const {
      socket,
      sequences: opened,
      target,
    } = await openDoor({
      ...request,
      kind: request.door.source.kind,
      sequences,
      targets,
      budget,
      // The time a user takes to type a PIN does not count; a slow resolve URL does.
      deadlineMs: request.deadlineMs + (isSpa ? 0 : clock.nowMs() - askedMs),
      remember: (target, history) => histories.push([target, history]),
      sending: obtained.sending,
      sent: (target) => sent.push(target),
      before: answers,
    });
    opening = {
      target: { ...target, memory: histories.at(-1)?.[1] ?? NO_HISTORY },
      again: obtained.opened?.(opened) ?? [],
      sequenceOf: (steps) => sequenceOf(request.door, steps),
      budget,
      sent: () => sent.push(target),
    };
    if (socket === undefined) {
      await finish(paths.doorName);
      throw nothingListens(request.host, target);
    }
    if (!lock.hasWaiters) return { socket, afterHandover: () => finish(paths.doorName) };
    await finish(paths.doorName);
    return { socket, afterHandover() {} };
  } catch (error) {
    await finish();
    throw error;
  }
}

/** Best effort. Loaded on demand: few logins have something to send again. */
async function useUp(opening: SendAgain): Promise<void> {
  if (opening.again.length === 0) return;
  try {
    await (await import('./send-again.ts')).sendAgain(opening);
  } catch {}
}

export function sequenceOf(
  { source, delayMs, sequenceTimeoutMs, closeSteps }: Door,
  steps: readonly Step[],
): Sequence {
  return {
    steps,
    closable: closeSteps !== undefined,
    ...(delayMs !== undefined && { delayMs }),
    ...(sequenceTimeoutMs !== undefined && { sequenceTimeoutMs }),
    ...(source.kind === 'spa' && { slowestOpeningMs: SLOWEST_FWKNOPD_MS }),
  };
}

/** The number of knocks to close the door; 0: there is no close sequence. */
export function knocksToClose({ closeSteps }: Door): number {
  return closeSteps === undefined ? 0 : stepsToClose(closeSteps).length;
}

interface Closings {
  readonly request: LoginRequest;
  readonly paths: LockPaths;
  readonly budget: AttemptBudget;
  /** The address of each whole sequence that was sent. */
  readonly sent: readonly Target[];
  /** Whether the door has opened. */
  readonly isOpen: boolean;
}

/**
 * Closes each door that may be open, within the rest of the budget: one that has opened as often as a sequence was sent,
 * any other once. Best effort: a session must not end because its door cannot be closed.
 */
async function closeAll({
  request: { door, closeLater },
  paths,
  budget,
  sent,
  isOpen,
}: Closings): Promise<void> {
  if (door.closeSteps === undefined || closeLater === undefined) return;
  for (const target of new Set(sent)) {
    const maxTimes = isOpen ? sent.filter((other) => other === target).length : 1;
    const times = budget.takeMore(maxTimes, knocksToClose(door));
    if (times === 0) return;
    const delay = door.delayMs === undefined ? {} : { delayMs: door.delayMs };
    await closeLater({ target, steps: door.closeSteps, times, ...delay, ...paths }).catch(() => {});
  }
}

/** The targets with their histories, the one that opened last first. */
export function withHistory(targets: readonly Target[], state: HistoryStore) {
  return targets
    .map((target) => ({ ...target, memory: state.load(target) }))
    .sort((a, b) => b.memory.openedAt - a.memory.openedAt);
}
