import type net from 'node:net';
import path from 'node:path';
import { type Memory, slowestRttMs } from '../door/memory.ts';
import type { Door } from '../door/settings.ts';
import type { Report } from '../report.ts';
import { Dialer } from './dial.ts';
import { openDoor } from './open.ts';
import { State } from './state.ts';
import type { Target } from './target.ts';
import { type Turn, takeTurn } from './turn.ts';

export interface Reached {
  /** Connected and paused: nothing of it has been read. */
  readonly socket: net.Socket;
  /** Ends our turn and keeps what was learned: call it once the connection is handed over. */
  settle(): void;
}

export interface ReachRequest {
  readonly host: string;
  readonly door: Door;
  /** At least one, in the order of preference. */
  readonly targets: readonly Target[];
  /** When to give up, on the clock of performance.now(). */
  readonly deadlineMs: number;
  readonly report: Report;
  readonly signal?: AbortSignal;
  readonly state?: State;
}

const LONGEST_TURN_WAIT_MS = 2000;
/** How long a door said to be open may take to answer, in milliseconds, when the round trip is not known. */
const UNKNOWN_ANSWER_MS = 300;

/**
 * Reaches a host behind a door, in turn with the other processes of this user: through the door that one of
 * them has just opened, else by knocking.
 *
 * @throws KnockproxyError as openDoor does.
 */
export async function reach(request: ReachRequest): Promise<Reached> {
  const { report, deadlineMs, signal, state = new State() } = request;
  const known = remembered(request.targets, state);
  const first = known[0]!;
  const doorName = state.name('door', first.address, first.port, first.knockAddress ?? '');
  const file = path.join(state.runtimeFolder(), state.name('turn', first.knockAddress ?? first.address));
  // Of many that start at once, the slow to start find the door opened by the quick.
  let isOpen = first.memory.openedAt > performance.timeOrigin;
  const turnsEndMs = Math.min(deadlineMs, performance.now() + LONGEST_TURN_WAIT_MS);
  for (;;) {
    if (isOpen) {
      report.debug('another process has just opened the door: connecting without a knock');
      const socket = await dialOpened(first, answerMs(first.memory), deadlineMs);
      if (socket !== undefined) return { socket, settle() {} };
    }
    const turn = await takeTurn({ file, waitMs: turnsEndMs - performance.now(), signal });
    if (typeof turn === 'string') {
      isOpen = turn === doorName;
      continue;
    }
    return knock(request, state, turn, doorName);
  }
}

/** Knocks in our turn. What waits for us waits until the caller has its connection. */
async function knock(request: ReachRequest, state: State, turn: Turn, doorName: string): Promise<Reached> {
  const lessons: [Target, Memory][] = [];
  const settle = (opened?: string) => {
    turn.release(opened);
    for (const [target, memory] of lessons) state.save(target, memory);
  };
  try {
    const socket = await openDoor({
      ...request,
      targets: remembered(request.targets, state),
      remember: (target, memory) => lessons.push([target, memory]),
    });
    return { socket, settle: () => settle(doorName) };
  } catch (error) {
    settle();
    throw error;
  }
}

/** Each target with what was learned about it, the one that opened last first. */
function remembered(targets: readonly Target[], state: State) {
  return targets
    .map((target) => ({ ...target, memory: state.load(target) }))
    .sort((a, b) => b.memory.openedAt - a.memory.openedAt);
}

function answerMs(memory: Memory): number {
  const rttMs = slowestRttMs(memory);
  return rttMs === undefined ? UNKNOWN_ANSWER_MS : 1.5 * rttMs + 50;
}

/** Connects to a door said to be open, a second time half-way for a lost packet; undefined when it is not. */
function dialOpened(target: Target, withinMs: number, deadlineMs: number): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const end = (socket?: net.Socket) => {
      for (const timer of timers) clearTimeout(timer);
      dialer.close();
      resolve(socket);
    };
    const dialer = new Dialer(target, { connected: end });
    const ms = Math.min(withinMs, deadlineMs - performance.now());
    const timers = [setTimeout(() => dialer.dial(), ms / 2), setTimeout(end, ms)];
    dialer.dial();
  });
}
