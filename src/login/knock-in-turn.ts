import { asksUser } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { KnockLock } from '../coordination/knock-lock.ts';
import type { LockPaths } from '../coordination/lock-paths.ts';
import type { WaitingLogin } from '../coordination/waiting-logins.ts';
import type { Target } from '../network/resolve.ts';
import { type History, NO_HISTORY } from '../plan/history.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import type { EarlierConnects } from './address-context.ts';
import { openDoor } from './attempt-loop.ts';
import { knocksToClose, sequenceOf, withHistory } from './door-sequence.ts';
import { realEnvironment } from './environment.ts';
import { KnockBudget } from './knock-budget.ts';
import type { Connected, LoginRequest } from './login-request.ts';
import { isRotating, type Opened, type OpenRequest } from './open-request.ts';
import type { SendAgain } from './send-again.ts';

/** The right to knock, which holds the lock. */
export interface KnockTurn {
  readonly request: LoginRequest;
  readonly state: HistoryStore;
  readonly paths: LockPaths;
  readonly lock: KnockLock;
  readonly waiting: WaitingLogin;
}

interface Knocking extends KnockTurn {
  readonly before: EarlierConnects;
}

/** Knocks under the lock. Unless others wait for it, the lock is released only after the handover. */
export async function knockInTurn(knocking: Knocking): Promise<Connected> {
  const turn = new Turn(knocking);
  const { request, paths, lock } = knocking;
  try {
    const { socket, target } = await turn.open();
    if (socket === undefined) {
      await turn.end(paths.doorName);
      throw (await import('./failure-messages.ts')).nothingListens(request.host, target);
    }
    if (!lock.hasWaiters) return { socket, afterHandover: () => turn.end(paths.doorName) };
    await turn.end(paths.doorName);
    return { socket, afterHandover() {} };
  } catch (error) {
    await turn.end();
    throw error;
  }
}

class Turn {
  readonly #knocking: Knocking;
  readonly #learned: [Target, History][] = [];
  /** The address of each whole sequence that was sent. */
  readonly #sent: Target[] = [];
  readonly #budget: KnockBudget;
  #obtained: Obtained | undefined;
  #again: SendAgain | undefined;
  #hasEnded = false;
  /** When the sequence was asked for, in ms since the epoch. */
  #askedAt = 0;

  constructor(knocking: Knocking) {
    this.#knocking = knocking;
    this.#budget = new KnockBudget(knocksToClose(knocking.request.door));
  }

  async open(): Promise<Opened> {
    const { request, state, before } = this.#knocking;
    const { door } = request;
    request.signal?.throwIfAborted();
    const { obtained, tookMs } = await this.#obtain();
    const opened = await openDoor({
      ...request,
      kind: door.source.kind,
      sequences: obtained.candidates.map((steps) => sequenceOf(door, steps)),
      targets: withHistory(request.targets, state),
      budget: this.#budget,
      ...(door.mostConnects !== undefined && { mostConnects: door.mostConnects }),
      // The time a user takes to type a PIN does not count; a slow resolve URL does.
      deadlineMs: request.deadlineMs + (door.source.kind === 'spa' && !asksUser(door.source) ? 0 : tookMs),
      remember: (target, history) => this.#learned.push([target, history]),
      ...(await this.#renewal()),
      sending: obtained.sending,
      sent: (target) => this.#sent.push(target),
      before,
    });
    const { target, sequences } = opened;
    this.#again = {
      target: { ...target, history: this.#learned.at(-1)?.[1] ?? NO_HISTORY },
      again: obtained.opened?.(sequences) ?? [],
      sequenceOf: (steps) => sequenceOf(door, steps),
      budget: this.#budget,
      sent: () => this.#sent.push(target),
    };
    return opened;
  }

  async #obtain(): Promise<{ obtained: Obtained; tookMs: number }> {
    const { request, lock } = this.#knocking;
    const { clock } = request.environment ?? realEnvironment;
    const askedMs = clock.nowMs();
    this.#askedAt = clock.dateMs();
    const asks = asksUser(request.door.source);
    if (asks) lock.setAsking(true);
    const obtained = await request.obtain(request);
    if (asks) lock.setAsking(false);
    this.#obtained = obtained;
    return { obtained, tookMs: clock.nowMs() - askedMs };
  }

  /** Loaded on demand: few sequences change with time. */
  async #renewal(): Promise<Pick<OpenRequest, 'renew'>> {
    const { request } = this.#knocking;
    if (request.door.sequenceLifetimeMs === undefined || !isRotating(request.door.source.kind)) return {};
    return { renew: (await import('./renew-sequences.ts')).renewalOf(request, this.#askedAt) };
  }

  /** @param door its name, where it has opened. */
  async end(door?: string): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { state, lock, waiting } = this.#knocking;
    if (this.#again) await useUp(this.#again);
    this.#obtained?.release?.();
    // Before the lock is released: the next login reads there whether the door is open.
    for (const [target, history] of this.#learned) state.save(target, history);
    if (door !== undefined) this.#rememberHost();
    lock.release(door);
    waiting.leave();
    await this.#close(door !== undefined);
  }

  /** When the host's door opened, by its name: list asks no name server for the addresses. */
  #rememberHost(): void {
    const { state, request } = this.#knocking;
    const { host, targets } = request;
    const [{ address, port }] = targets as [Target];
    if (address === host) return;
    state.saveOpening(host, port, Date.now());
  }

  /**
   * Closes each door that may be open, within the rest of the budget: one that has opened as often as a sequence was sent,
   * any other once. Best effort: a session must not end because its door cannot be closed.
   */
  async #close(isOpen: boolean): Promise<void> {
    const { request, paths } = this.#knocking;
    const { door, closeLater } = request;
    if (door.closeSteps === undefined || closeLater === undefined) return;
    for (const target of new Set(this.#sent)) {
      const most = isOpen ? this.#sent.filter((other) => other === target).length : 1;
      const times = this.#budget.takeMore(most, knocksToClose(door));
      if (times === 0) return;
      const delay = door.delayMs === undefined ? {} : { delayMs: door.delayMs };
      await closeLater({ target, steps: door.closeSteps, times, ...delay, ...paths }).catch(() => {});
    }
  }
}

/** Best effort. Loaded on demand: few logins have something to send again. */
async function useUp(again: SendAgain): Promise<void> {
  if (again.again.length === 0) return;
  try {
    await (await import('./send-again.ts')).sendAgain(again);
  } catch {}
}
