import type net from 'node:net';
import { asksUser } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { KnockLock } from '../coordination/knock-lock.ts';
import type { LockPaths } from '../coordination/lock-paths.ts';
import type { WaitingLogin } from '../coordination/waiting-logins.ts';
import { RULE_WAIT_MS } from '../login/close-door.ts';
import type { Connected } from '../login/login-request.ts';
import { isRotating, type OpenRequest } from '../login/open-request.ts';
import { renewalOf } from '../login/renew-sequences.ts';
import type { Target } from '../network/resolve.ts';
import { stepsToClose } from '../plan/reset-knocks.ts';
import { SLOWEST_FWKNOPD_MS, type Step } from '../plan/sequence.ts';
import type { Obtained, Prepared } from '../secrets/obtained-sequences.ts';
import { nowMs, sleep, withTimeout } from '../util/clock.ts';
import type { Bastion } from './bastion.ts';
import type { RemoteConnect } from './remote-connect.ts';
import { notSent, PROHIBITED, shutBehind } from './via-errors.ts';
import { mostAttempts, remember } from './via-history.ts';
import type { ViaLogin } from './via-login.ts';
import { type PlannedSequence, planAttemptVia, planOnceVia } from './via-plan.ts';

/** From the last knock to the connect: knockd opens after 8-70 ms. */
const OPENS_MS = 75;
/** How long an attempt waits for the server: a SYN, and the one that the kernel resends after 1 s. */
const ANSWER_MS = 1300;
/** Before the next attempt, after an answer that the port is closed. */
const CLOSED_MS = 250;
/** Connects that wait for an answer: each is a connection once the door is open. */
const MOST_CONNECTS = 2;

interface ViaContext {
  readonly bastion: Bastion;
  readonly login: ViaLogin;
  readonly knockHost: string;
  /** Where to connect, and to knock where there is no KnockHost: the host's addresses, or its name. At least one. */
  readonly places: readonly string[];
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
  /** Where the last sequence went. */
  #place: string | undefined;

  constructor(context: ViaContext) {
    this.context = context;
  }

  /** Connects without a knock. @returns undefined if the server sends nothing within `waitMs`. */
  async connectTo(waitMs: number): Promise<Connected | undefined> {
    this.#start(this.context.places[0]!);
    const kept = await this.#answer(waitMs);
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
    const { bastion, login, deadlineMs, places } = this.context;
    const startedMs = nowMs();
    const most = Math.max(mostAttempts(this.context), this.#sequences.length * places.length);
    while (this.#attempts < most && (this.#attempts === 0 || nowMs() < deadlineMs)) {
      const candidate = Math.floor(this.#attempts / places.length) % this.#sequences.length;
      const place = places[this.#attempts % places.length]!;
      const round = Math.floor(this.#attempts / (places.length * this.#sequences.length));
      const attempt = planAttemptVia(this.#sequences[candidate]!, round, login.settings.door.delayMs);
      if (this.#attempts > 0 && nowMs() + attempt.tookMs > deadlineMs) break;
      sending?.(candidate);
      await this.#send(attempt, place);
      await sleep(login.settings.door.source.kind === 'spa' ? SLOWEST_FWKNOPD_MS : OPENS_MS, login.signal);
      this.#start(place);
      const kept = await this.#answer(Math.min(ANSWER_MS, deadlineMs - nowMs()));
      if (kept !== undefined) return kept;
      if (bastion.fault?.startsWith(PROHIBITED)) break;
      await sleep(Math.min(CLOSED_MS, deadlineMs - nowMs()), login.signal);
      login.signal.throwIfAborted();
      const renewed = await renew?.(sleep(deadlineMs - nowMs(), login.signal));
      if (renewed !== undefined) this.#sequences = renewed.map(({ steps }) => steps);
    }
    const late = await this.#answer(deadlineMs - nowMs());
    if (late !== undefined) return late;
    const spent = { attempts: this.#attempts, seconds: (nowMs() - startedMs) / 1000, fault: bastion.fault };
    throw shutBehind(login.place, login.names, spent);
  }

  /** @throws KnockproxyError if they could not be sent. */
  async #send(planned: PlannedSequence, place: string): Promise<void> {
    const { bastion, knockHost, login } = this.context;
    this.#attempts++;
    login.report.debug(`attempt ${this.#attempts}: ${planned.steps.length} knocks from ${login.place.via}`);
    this.#place = knockHost === login.names.host ? place : knockHost;
    const status = await bastion.knock(this.#place, planned);
    if (status !== 0) throw notSent(login.place, knockHost, status);
  }

  /** Connects, unless enough connects wait for an answer. */
  #start(host: string): void {
    const { bastion, login } = this.context;
    const pending = this.#connects.filter(({ isPending }) => isPending);
    if (pending.length < MOST_CONNECTS)
      this.#connects.push(bastion.connect({ host, port: login.names.port }));
  }

  /** Waits for the first answer to any connect; undefined: there was none, or there will be none. */
  async #answer(waitMs: number): Promise<Kept | undefined> {
    const kept = this.#connects.map(async (connect) => {
      const socket = await connect.connected;
      if (socket === undefined) throw new Error('not connected');
      return { socket, connect };
    });
    return withTimeout(
      Promise.any(kept).catch(() => undefined),
      waitMs,
    );
  }

  /** Sends one-time sequences again that the server did not expect yet. */
  async #useUp({ opened }: Obtained): Promise<void> {
    const { places, bastion, knockHost } = this.context;
    const sent = this.#sequences
      .map((_, candidate) => candidate)
      .slice(0, Math.ceil(this.#attempts / places.length));
    for (const { steps, sent: done } of opened?.(sent) ?? []) {
      if ((await bastion.knock(this.#place ?? knockHost, planOnceVia(steps))) === 0) done();
    }
  }

  /** Closes the door if no other login waits for it, and ends what this one no longer needs. */
  async #leave(kept: RemoteConnect): Promise<void> {
    const { bastion, knockHost, login, waiting } = this.context;
    const { closeSteps, delayMs } = login.settings.door;
    waiting.leave();
    if (closeSteps !== undefined && !(await waiting.anyone())) {
      await sleep(RULE_WAIT_MS);
      const closing = planOnceVia(stepsToClose(closeSteps), delayMs);
      for (let time = 0; time < Math.max(1, this.#attempts); time++)
        await bastion.knock(this.#place ?? knockHost, closing);
    }
    bastion.leave(kept);
  }
}
