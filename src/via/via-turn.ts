import type net from 'node:net';
import { asksUser } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { KnockLock } from '../coordination/knock-lock.ts';
import type { LockPaths } from '../coordination/lock-paths.ts';
import type { WaitingLogin } from '../coordination/waiting-logins.ts';
import type { Connected } from '../login/login-request.ts';
import { isRotating, type OpenRequest } from '../login/open-request.ts';
import { renewalOf } from '../login/renew-sequences.ts';
import type { Target } from '../network/resolve.ts';
import { resetKnocks, stepsToClose } from '../plan/reset-knocks.ts';
import { SLOWEST_FWKNOPD_MS, type Step } from '../plan/sequence.ts';
import type { Obtained, Prepared } from '../secrets/obtained-sequences.ts';
import { nowMs, sleep } from '../util/clock.ts';
import type { Bastion } from './bastion.ts';
import type { RemoteConnect } from './remote-connect.ts';
import { notSent, PROHIBITED, shutBehind } from './via-errors.ts';
import { mostAttempts, remember } from './via-history.ts';
import type { ViaLogin } from './via-login.ts';

/** The pause between two knocks of the first round of candidates, and of those after it, in milliseconds. */
const DELAYS_MS = [0, 50, 150, 300, 500];
/** From the last knock to the connect: knockd opens after 8-70 ms. */
const OPENS_MS = 75;
/** How long an attempt waits for the server: a SYN, and the one that the kernel resends after 1 s. */
const ANSWER_MS = 1300;
/** Before the next attempt, after an answer that the port is closed. */
const CLOSED_MS = 250;
/** Connects that wait for an answer: each is a connection once the door is open. */
const MOST_CONNECTS = 2;
/** The rule of an opening must exist before it is removed. */
const RULE_WAIT_MS = 200;

interface ViaContext {
  readonly bastion: Bastion;
  readonly login: ViaLogin;
  readonly knockHost: string;
  readonly obtain: Prepared['obtain'];
  readonly state: HistoryStore;
  /** Names the door. */
  readonly target: Target;
  readonly paths: LockPaths;
  readonly waiting: WaitingLogin;
  /** On the clock of nowMs(). */
  readonly deadlineMs: number;
}

/** A connect that the server has answered. */
interface Kept {
  readonly socket: net.Socket;
  readonly connect: RemoteConnect;
}

/** What a login does once there is a shell on the host of KnockVia. */
export class ViaTurn {
  readonly context: ViaContext;
  readonly #connects: RemoteConnect[] = [];
  #sequences: readonly (readonly Step[])[] = [];
  #attempts = 0;

  constructor(context: ViaContext) {
    this.context = context;
  }

  /** Connects without a knock. @returns undefined if the server sends nothing within `waitMs`. */
  async connectTo(waitMs: number): Promise<Connected | undefined> {
    const kept = await this.#connect(waitMs);
    return kept && this.#connected(kept);
  }

  /** Knocks until the server answers a connect. @throws KnockproxyError if the door stays shut. */
  async knock(lock: KnockLock): Promise<Connected> {
    const { paths, login } = this.context;
    const askedAt = Date.now();
    let obtained: Obtained | undefined;
    let door: string | undefined;
    try {
      obtained = await this.#obtain(lock);
      this.#sequences = obtained.candidates;
      const kept = await this.#open(obtained.sending, this.#renewal(askedAt));
      door = paths.doorName;
      await this.#useUp(obtained);
      return this.#connected(kept);
    } finally {
      obtained?.release?.();
      if (!login.signal.aborted && this.#attempts > 0) remember(this.context, door !== undefined);
      lock.release(door);
    }
  }

  #connected({ socket, connect }: Kept): Connected {
    return { socket, isStream: true, afterHandover: () => this.#leave(connect) };
  }

  async #obtain(lock: KnockLock): Promise<Obtained> {
    const { obtain, login, deadlineMs } = this.context;
    const asks = asksUser(login.settings.door.source);
    if (asks) lock.setAsking(true);
    const obtained = await obtain({ signal: login.signal, deadlineMs });
    if (asks) lock.setAsking(false);
    return obtained;
  }

  #renewal(askedAt: number): OpenRequest['renew'] {
    const { login, obtain } = this.context;
    const { door } = login.settings;
    if (door.sequenceLifetimeMs === undefined || !isRotating(door.source.kind)) return undefined;
    return renewalOf({ door, obtain, report: login.report }, askedAt);
  }

  async #open(sending: Obtained['sending'], renew: OpenRequest['renew']): Promise<Kept> {
    const { bastion, login, deadlineMs } = this.context;
    const startedMs = nowMs();
    const most = Math.max(mostAttempts(this.context), this.#sequences.length);
    while (this.#attempts < most && (this.#attempts === 0 || nowMs() < deadlineMs)) {
      const candidate = this.#attempts % this.#sequences.length;
      sending?.(candidate);
      await this.#attempt(this.#sequences[candidate]!);
      const kept = await this.#connect(Math.min(ANSWER_MS, Math.max(CLOSED_MS, deadlineMs - nowMs())));
      if (kept !== undefined) return kept;
      if (bastion.fault?.startsWith(PROHIBITED)) break;
      await sleep(Math.min(CLOSED_MS, deadlineMs - nowMs()), login.signal);
      login.signal.throwIfAborted();
      const renewed = await renew?.(sleep(deadlineMs - nowMs(), login.signal));
      if (renewed !== undefined) this.#sequences = renewed.map(({ steps }) => steps);
    }
    const spent = { attempts: this.#attempts, seconds: (nowMs() - startedMs) / 1000, fault: bastion.fault };
    throw shutBehind(login.place, login.names, spent);
  }

  /** Sends a sequence, after reset knocks where it is sent again. */
  async #attempt(steps: readonly Step[]): Promise<void> {
    const { login } = this.context;
    const { door } = login.settings;
    const round = Math.floor(this.#attempts++ / this.#sequences.length);
    const resets = resetKnocks(steps);
    const before = round === 0 ? [] : resets[(round - 1) % resets.length]!;
    const delayMs = door.delayMs ?? DELAYS_MS[Math.min(round, DELAYS_MS.length - 1)]!;
    login.report.debug(
      `attempt ${this.#attempts}: ${before.length + steps.length} knocks from ${login.place.via}`,
    );
    await this.#send([...before, ...steps], delayMs);
    await sleep(door.source.kind === 'spa' ? SLOWEST_FWKNOPD_MS : OPENS_MS, login.signal);
  }

  /** @throws KnockproxyError if they could not be sent. */
  async #send(steps: readonly Step[], delayMs: number): Promise<void> {
    const { bastion, knockHost, login } = this.context;
    const status = await bastion.knock(knockHost, steps, Math.round(delayMs));
    if (status !== 0) throw notSent(login.place, knockHost, status);
  }

  /** Waits for the first answer to this connect or an earlier one. */
  async #connect(waitMs: number): Promise<Kept | undefined> {
    const { bastion, login } = this.context;
    const pending = this.#connects.filter(({ isPending }) => isPending);
    if (pending.length < MOST_CONNECTS) this.#connects.push(bastion.connect(login.names));
    const kept = this.#connects.map(async (connect) => {
      const socket = await connect.connected;
      if (socket === undefined) throw new Error('not connected');
      return { socket, connect };
    });
    const timer = new AbortController();
    const late = sleep(waitMs, timer.signal).then(() => undefined);
    const first = await Promise.race([Promise.any(kept).catch(() => undefined), late]);
    timer.abort();
    return first;
  }

  /** Sends one-time sequences again that the server did not expect yet. */
  async #useUp({ opened }: Obtained): Promise<void> {
    const sent = this.#sequences.map((_, candidate) => candidate).slice(0, this.#attempts);
    for (const { steps, sent: done } of opened?.(sent) ?? []) {
      await this.#send(steps, 0);
      done();
    }
  }

  /** Closes the door if no other login waits for it, and ends what this one no longer needs. */
  async #leave(kept: RemoteConnect): Promise<void> {
    const { bastion, knockHost, login, waiting } = this.context;
    const { closeSteps, delayMs = 0 } = login.settings.door;
    waiting.leave();
    if (closeSteps !== undefined && !(await waiting.anyone())) {
      await sleep(RULE_WAIT_MS);
      for (let time = 0; time < Math.max(1, this.#attempts); time++)
        await bastion.knock(knockHost, stepsToClose(closeSteps), delayMs);
    }
    bastion.leave(kept);
  }
}
