import { nowMs } from '../clock.ts';
import { NOTHING_LEARNED } from '../door/memory.ts';
import { stepsToClose } from '../door/preamble.ts';
import { planTry } from '../door/schedule.ts';
import type { Step } from '../door/sequence.ts';
import { sleep } from '../sleep.ts';
import { Knocker } from './knock.ts';
import type { Place } from './meeting-place.ts';
import { Presence } from './presence.ts';
import type { Target } from './target.ts';
import { takeTurn } from './turn.ts';

/** Everything needed to close a door; it may travel to another process as JSON. */
export interface Closing extends Place {
  readonly target: Target;
  readonly steps: readonly Step[];
  readonly delayMs?: number;
  /** How often the close sequence is sent: each opening may have left a rule, each closing removes one. */
  readonly times: number;
}

/** knockd starts a shell and iptables for each door; one opened last must have its rule before it is removed. */
const OPENING_SETTLES_MS = 200;
const LOOK_EVERY_MS = 50;
/** When others still wait for it after this time, in milliseconds, or keep opening doors, it is closed all the same. */
const LONGEST_WAIT_MS = 10_000;
const LONGEST_TURN_WAIT_MS = 5000;

/**
 * Closes a door behind the last login that waits for it, in our turn, so never during another's knocks. Best
 * effort: no answer ever comes, and what cannot be sent is let be.
 */
export async function closeDoor(closing: Closing, longestWaitMs = LONGEST_WAIT_MS): Promise<void> {
  const { runtimeFolder, turnFile, doorName } = closing;
  const presence = new Presence(runtimeFolder, doorName);
  const endMs = nowMs() + longestWaitMs;
  await sleep(OPENING_SETTLES_MS);
  for (;;) {
    if (nowMs() < endMs && (await presence.anyone())) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const turn = await takeTurn({ file: turnFile, waitMs: LONGEST_TURN_WAIT_MS });
    if (typeof turn === 'string' && nowMs() < endMs) continue;
    try {
      return await send(closing);
    } catch {
      return;
    } finally {
      if (typeof turn !== 'string') turn.release();
    }
  }
}

/** Sends the close sequence `times` times. */
export async function send({ target, steps, delayMs, times }: Closing): Promise<void> {
  const knocker = new Knocker(target);
  const { knocks } = planTry({
    sequence: { steps: stepsToClose(steps), ...(delayMs !== undefined && { delayMs }) },
    memory: NOTHING_LEARNED,
    failed: [],
    number: 1,
    random: Math.random,
  });
  try {
    for (let time = 0; time < times; time++) {
      await knocker.sendAll(knocks);
      await sleep(OPENING_SETTLES_MS);
    }
  } finally {
    knocker.close();
  }
}
