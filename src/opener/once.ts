import { nowMs } from '../clock.ts';
import { openingMs, planTry } from '../door/schedule.ts';
import type { Door } from '../door/settings.ts';
import type { Obtained } from '../secret/obtain.ts';
import { sleep } from '../sleep.ts';
import { Knocker } from './knock.ts';
import type { Patience } from './look-up.ts';
import { placeOf } from './meeting-place.ts';
import { remembered, sequenceOf } from './reach.ts';
import { State } from './state.ts';
import type { Target } from './target.ts';
import { LONGEST_TURN_WAIT_MS, type Turn, takeTurn } from './turn.ts';

/** How long a door of which nothing is known may take to open, in milliseconds. */
const UNKNOWN_OPENING_MS = 300;

export interface OnceRequest extends Patience {
  readonly door: Door;
  readonly obtain: (patience: Patience) => Promise<Obtained>;
  readonly targets: readonly Target[];
  readonly state?: State;
}

/**
 * Knocks once, in turn with the other processes of this user, and waits as long as this door usually takes to
 * open. Whether it has opened is not looked at.
 *
 * @throws KnockproxyError when this machine refuses to send.
 */
export async function knockOnce(request: OnceRequest): Promise<void> {
  const { door, obtain, targets, state = new State() } = request;
  const { memory, ...target } = remembered(targets, state)[0]!;
  const { turnFile, doorName } = placeOf(target, state);
  const turn = await takeTurnFor(doorName, turnFile);
  if (turn === undefined) return;
  const knocker = new Knocker(target);
  let obtained: Obtained | undefined;
  let opened: string | undefined;
  try {
    if (door.source.kind === 'command') turn.asks(true);
    obtained = await obtain(request);
    turn.asks(false);
    const sequence = sequenceOf(door, obtained.candidates[0]!);
    await knocker.sendAll(planTry({ sequence, memory, failed: [], number: 1, random: Math.random }).knocks);
    await sleep(openingMs(memory) ?? UNKNOWN_OPENING_MS);
    opened = doorName;
  } finally {
    knocker.close();
    obtained?.release?.();
    turn.release(opened);
  }
}

/** The turn to knock on this door; undefined where another process has opened it while we waited. */
async function takeTurnFor(doorName: string, file: string): Promise<Turn | undefined> {
  let endMs = nowMs() + LONGEST_TURN_WAIT_MS;
  const stoodStill = (ms: number) => {
    endMs += ms;
  };
  for (;;) {
    const turn = await takeTurn({ file, waitMs: endMs - nowMs(), stoodStill });
    if (turn === doorName) return undefined;
    // Another door of this machine was opened: ours is still to be knocked on.
    if (typeof turn !== 'string') return turn;
  }
}
