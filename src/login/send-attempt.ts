import type { Attempt } from '../plan/attempt.ts';
import type { Clock } from '../util/clock.ts';
import type { AddressAttempts } from './address-attempts.ts';
import type { KnockBudget } from './knock-budget.ts';
import type { OpenRequest } from './open-request.ts';
import type { Patience } from './patience.ts';

export interface Sending {
  readonly clock: Clock;
  readonly patience: Patience;
  readonly budget: KnockBudget;
  /** Neither is the door open nor the time up. */
  readonly goesOn: () => boolean;
  readonly sent?: NonNullable<OpenRequest['sent']>;
}

/**
 * Sends the attempt's knocks. No connect is started meanwhile: to some doors it would be a wrong knock.
 *
 * @throws KnockproxyError when this machine refuses to send.
 */
export async function sendKnocks(
  address: AddressAttempts,
  attempt: Attempt,
  { clock, patience, budget, goesOn, sent }: Sending,
): Promise<void> {
  const startMs = clock.nowMs();
  for (const knock of attempt.knocks) {
    await patience.sleepUntil(startMs + knock.atMs);
    if (!goesOn()) return;
    budget.knocks++;
    await address.knock(knock);
  }
  address.knocked();
  sent?.(address.target, attempt, clock.nowMs() - startMs);
}

/** Starts the attempt's connects until one completes or the attempt's time is over. */
export async function connectWhenDue(
  address: AddressAttempts,
  { connects, waitMs }: Attempt,
  { clock, patience, goesOn }: Sending,
): Promise<void> {
  const knockedMs = clock.nowMs();
  for (const [index, connect] of connects.entries()) {
    await patience.sleepUntil(knockedMs + connect.atMs);
    await clock.pollSockets();
    if (!goesOn()) return;
    // On a busy machine several are due at once: one is enough.
    const nextMs = connects[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    if (clock.nowMs() < knockedMs + nextMs) address.dial(connect);
  }
  if (Number.isFinite(waitMs)) await patience.sleepUntil(knockedMs + waitMs);
  await clock.pollSockets();
}
