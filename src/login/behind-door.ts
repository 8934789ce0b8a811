import { HistoryStore } from '../coordination/history-store.ts';
import { MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { type LockPaths, lockPaths } from '../coordination/lock-paths.ts';
import { WaitingLogin } from '../coordination/waiting-logins.ts';
import { type History, isWithin } from '../plan/history.ts';
import type { KnownTarget } from './address-context.ts';
import { withHistory } from './door-sequence.ts';
import { realEnvironment } from './environment.ts';
import { type KnockTurn, knockInTurn } from './knock-in-turn.ts';
import type { Connected, LoginRequest } from './login-request.ts';
import type { Answers } from './refused-after-silence.ts';
import { ReusedOpening } from './reuse-opening.ts';

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

/** How long after a login that was refused throughout the next one looks at the port before it knocks, in milliseconds. */
const REFUSED_MS = 3_600_000;

interface DoorLogin {
  readonly request: LoginRequest;
  readonly state: HistoryStore;
  /** The address that opened last. */
  readonly first: KnownTarget;
  readonly paths: LockPaths;
  readonly waiting: WaitingLogin;
}

async function reuseOrKnock({ request, state, first, paths, waiting }: DoorLogin): Promise<Connected> {
  const { signal, environment = realEnvironment } = request;
  const { clock, localSockets: sockets } = environment;
  const isOneTime = request.door.source.kind === 'one-time';
  let { deadlineMs } = request;
  const maxWaitMs = isOneTime ? Number.POSITIVE_INFINITY : MAX_LOCK_WAIT_MS;
  let lockDeadlineMs = Math.min(deadlineMs, clock.nowMs() + maxWaitMs);
  const onPaused = (ms: number) => {
    lockDeadlineMs += ms;
    deadlineMs += ms;
  };
  const reused = new ReusedOpening(first, state, request, environment);
  const reuse = async (reason: 'opened' | 'asked' | undefined): Promise<Connected | undefined> => {
    const socket = await reused.connect(reason, deadlineMs);
    return socket && { socket, afterHandover: () => leave() };
  };
  let leave = () => waiting.leave();
  let isAnnounced = false;
  for (;;) {
    const connected = await reuse(isAnnounced ? 'opened' : undefined);
    if (connected !== undefined) return connected;
    const waitMs = lockDeadlineMs - clock.nowMs();
    const taken = await takeKnockLock({ file: paths.lockFile, waitMs, signal, onPaused, clock, sockets });
    if (taken.kind === 'opened') {
      isAnnounced = taken.door === paths.doorName;
      continue;
    }
    const turn: KnockTurn = { request: { ...request, deadlineMs }, state, paths, lock: taken.lock, waiting };
    leave = () => {
      taken.lock.release(paths.doorName);
      waiting.leave();
    };
    try {
      // Connect first: a one-time sequence must not be used up for an open door.
      const isAsked = isOneTime || isWithin(REFUSED_MS, state.load(first).refusedAt, clock.dateMs());
      const connected = await reuse(isAsked ? 'asked' : undefined);
      if (connected !== undefined) return connected;
      if (isOneTime && isOpenInVain(reused.before.answers, state.load(first), clock.dateMs()))
        throw (await import('./failure-messages.ts')).nothingListens(request.host, first);
    } catch (error) {
      taken.lock.release();
      throw error;
    }
    return knockInTurn({ ...turn, before: reused.before });
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
