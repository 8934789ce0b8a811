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
  /** Connected and paused: nothing of it has been read. */
  readonly socket: net.Socket;
  /** Ends our turn and keeps what was learned: call it once the connection is handed over. */
  afterHandover(): void | Promise<void>;
}

export interface LoginRequest {
  readonly host: string;
  readonly door: Door;
  /** Gets the sequence, when it is our turn. */
  readonly obtain: (patience: Patience) => Promise<Obtained>;
  /** At least one, in the order of preference. */
  readonly targets: readonly Target[];
  /** When to give up, on the clock of nowMs(). */
  readonly deadlineMs: number;
  readonly report: Log;
  /** When this login began, on the clock of nowMs(); 0, the default: with the process. */
  readonly beganMs?: number;
  /** What the socket reads into; undefined: it is an ordinary stream. */
  readonly onread?: net.OnReadOpts | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly state?: HistoryStore;
  readonly environment?: Environment;
  /** Closes the door behind the last that waits for it, when it has a close sequence. */
  readonly closeLater?: (closing: Closing) => Promise<void>;
}

/**
 * Reaches a host behind a door, in turn with the other processes of this user: through the door that one of
 * them has just opened, else by knocking.
 *
 * @throws KnockproxyError as openDoor does; the signal's reason when it aborts.
 */
export async function loginBehindDoor(request: LoginRequest): Promise<Connected> {
  const { state = new HistoryStore() } = request;
  const first = withHistory(request.targets, state)[0]!;
  const place = lockPaths(first, state);
  const presence = new WaitingLogin(place.runtimeFolder, place.doorName);
  if (request.door.closeSteps) await presence.enter();
  try {
    return await reachInTurn({ request, state, first, place, presence });
  } catch (error) {
    presence.leave();
    throw error;
  }
}

interface Arriving {
  readonly request: LoginRequest;
  readonly state: HistoryStore;
  /** The address that opened last. */
  readonly first: Target;
  readonly place: LockPaths;
  readonly presence: WaitingLogin;
}

async function reachInTurn({ request, state, first, place, presence }: Arriving): Promise<Connected> {
  const { signal, environment = realEnvironment } = request;
  const { clock } = environment;
  const isOneTime = request.door.source.kind === 'one-time';
  let { deadlineMs } = request;
  const longestMs = isOneTime ? Number.POSITIVE_INFINITY : MAX_LOCK_WAIT_MS;
  let turnsEndMs = Math.min(deadlineMs, clock.nowMs() + longestMs);
  const stoodStill = (ms: number) => {
    turnsEndMs += ms;
    deadlineMs += ms;
  };
  const othersDoor = new ReusedOpening(first, state, request, environment);
  let isSaid = false;
  for (;;) {
    const socket = await othersDoor.connect(isSaid, deadlineMs);
    if (socket !== undefined) return { socket, afterHandover: () => presence.leave() };
    const taken = await takeKnockLock({
      file: place.lockFile,
      waitMs: turnsEndMs - clock.nowMs(),
      signal,
      onPaused: stoodStill,
      clock,
    });
    if (taken.kind !== 'opened') {
      const turn = taken.lock;
      // A one-time sequence is not used up for a door that is open.
      const socket = await othersDoor.connect(isOneTime, deadlineMs).catch((error) => {
        turn.release();
        throw error;
      });
      if (socket !== undefined) return { socket, afterHandover: () => leave(turn, presence, place.doorName) };
      const { answers } = othersDoor;
      if (isOneTime && isOpenInVain(answers, state.load(first), clock.dateMs())) {
        turn.release();
        throw nothingListens(request.host, first);
      }
      return knock({ request: { ...request, deadlineMs }, state, place, turn, presence, answers });
    }
    isSaid = taken.door === place.doorName;
  }
}

/** For this time after an opening behind which nothing listened, in milliseconds, a port that refuses is still open. */
const IN_VAIN_MS = 60_000;

/**
 * Whether a one-time sequence would be wasted: the door is still open as an earlier login left it, and nothing listens.
 *
 * @param now in ms since the epoch.
 */
export function isOpenInVain(answers: Answers, { nothingListenedAt }: History, now: number): boolean {
  return answers.includes('ECONNREFUSED') && isWithin(IN_VAIN_MS, nothingListenedAt, now);
}

function leave(turn: KnockLock, presence: WaitingLogin, doorName: string): void {
  turn.release(doorName);
  presence.leave();
}

interface Knocking {
  readonly request: LoginRequest;
  readonly state: HistoryStore;
  readonly place: LockPaths;
  readonly turn: KnockLock;
  readonly presence: WaitingLogin;
  /** What connects before the knocks were answered. */
  readonly answers: Answers;
}

/** Knocks in our turn. What waits for us waits until the caller has its connection. */
async function knock({ request, state, place, turn, presence, answers }: Knocking): Promise<Connected> {
  const lessons: [Target, History][] = [];
  const sent: Target[] = [];
  let obtained: Obtained | undefined;
  let budget = new AttemptBudget();
  let opening: Parameters<typeof useUp>[0] | undefined;
  let isSettled = false;
  const settle = async (opened?: string) => {
    if (isSettled) return;
    isSettled = true;
    if (opening) await useUp(opening);
    obtained?.release?.();
    // Saved before the turn ends: who comes next looks there whether the door is open.
    for (const [target, memory] of lessons) state.save(target, memory);
    turn.release(opened);
    presence.leave();
    await closeAll({ request, place, budget, sent, isOpen: opened !== undefined });
  };
  try {
    request.signal?.throwIfAborted();
    const { clock } = request.environment ?? realEnvironment;
    const askedMs = clock.nowMs();
    const asks = request.door.source.kind === 'command';
    const isSpa = request.door.source.kind === 'spa';
    if (asks) turn.setAsking(true);
    obtained = await request.obtain(request);
    if (asks) turn.setAsking(false);
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
      // A user who types a PIN is not late; a server that is asked for our address is.
      deadlineMs: request.deadlineMs + (isSpa ? 0 : clock.nowMs() - askedMs),
      remember: (target, memory) => lessons.push([target, memory]),
      sending: obtained.sending,
      sent: (target) => sent.push(target),
      before: answers,
    });
    opening = {
      target: { ...target, memory: lessons.at(-1)?.[1] ?? NO_HISTORY },
      again: obtained.opened?.(opened) ?? [],
      sequenceOf: (steps) => sequenceOf(request.door, steps),
      budget,
      sent: () => sent.push(target),
    };
    if (socket === undefined) {
      await settle(place.doorName);
      throw nothingListens(request.host, target);
    }
    if (!turn.hasWaiters) return { socket, afterHandover: () => settle(place.doorName) };
    await settle(place.doorName);
    return { socket, afterHandover() {} };
  } catch (error) {
    await settle();
    throw error;
  }
}

/** Loaded by the few logins that have something to send once more. Best effort. */
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

/** How many knocks one close takes; 0: there is no close sequence. */
export function knocksToClose({ closeSteps }: Door): number {
  return closeSteps === undefined ? 0 : stepsToClose(closeSteps).length;
}

interface Closings {
  readonly request: LoginRequest;
  readonly place: LockPaths;
  readonly budget: AttemptBudget;
  /** To which address each whole sequence went. */
  readonly sent: readonly Target[];
  /** Whether the door was seen to open. */
  readonly isOpen: boolean;
}

/**
 * Has each door closed that may be open: one that was seen to open as often as it may have been opened, any other once,
 * within what the budget has left. Best effort: a session must not end because its door cannot be closed.
 */
async function closeAll({
  request: { door, closeLater },
  place,
  budget,
  sent,
  isOpen,
}: Closings): Promise<void> {
  if (door.closeSteps === undefined || closeLater === undefined) return;
  for (const target of new Set(sent)) {
    const most = isOpen ? sent.filter((other) => other === target).length : 1;
    const times = budget.takeMore(most, knocksToClose(door));
    if (times === 0) return;
    const delay = door.delayMs === undefined ? {} : { delayMs: door.delayMs };
    await closeLater({ target, steps: door.closeSteps, times, ...delay, ...place }).catch(() => {});
  }
}

/** Each target with what was learned about it, the one that opened last first. */
export function withHistory(targets: readonly Target[], state: HistoryStore) {
  return targets
    .map((target) => ({ ...target, memory: state.load(target) }))
    .sort((a, b) => b.memory.openedAt - a.memory.openedAt);
}
