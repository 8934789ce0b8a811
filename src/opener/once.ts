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
import { LONGEST_TURN_WAIT_MS, takeTurn } from './turn.ts';

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
  const turn = await takeTurn({ file: turnFile, waitMs: LONGEST_TURN_WAIT_MS });
  if (turn === doorName) return;
  // Another door of this machine was opened: ours is still to be knocked on.
  if (typeof turn === 'string') return knockOnce({ ...request, state });
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
