import { EventEmitter } from 'node:events';
import type net from 'node:net';
// Loaded when a login fails: in this world no time passes meanwhile.
import '../../../src/login/failure-messages.ts';
import type { Environment } from '../../../src/login/environment.ts';
import type { ConnectHandlers } from '../../../src/network/connector.ts';
import type { Network } from '../../../src/network/network.ts';
import type { Target } from '../../../src/network/resolve.ts';
import type { Knock } from '../../../src/plan/attempt.ts';
import type { Clock } from '../../../src/util/clock.ts';
import { FakeSockets } from './fake-sockets.ts';

/** 2027, in ms since the epoch. */
export const EPOCH_MS = 1.8e12;
/** When the kernel resends a SYN, in milliseconds after the first. */
const RESENT_MS = [1000, 3000, 7000, 15_000];
/** More turns of the event loop than anything takes that waits for no timer. */
const TURNS = 20;

/** What a server behind a door does; times in ms since the world began. */
export interface FakeServer {
  /** A knock arrives. @throws what the sending machine refuses it with. */
  knock?(knock: Knock, atMs: number, target: Target): void;
  /** A SYN arrives. @returns 'open', the code of an error, or undefined: silence. */
  syn(atMs: number, target: Target): string | undefined;
}

/** A clock and a network of its own: a login runs through it without waiting. */
export class FakeWorld {
  readonly synsMs: number[] = [];
  readonly knocks: { readonly knock: Knock; readonly target: Target; readonly atMs: number }[] = [];
  readonly sockets = new FakeSockets();
  rttMs = 10;
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly order: number; readonly run: () => void }>();
  readonly #server: FakeServer;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  readonly clock: Clock = {
    nowMs: () => this.#nowMs,
    dateMs: () => EPOCH_MS + this.#nowMs,
    startTimer: (run, ms) => this.at(this.#nowMs + ms, run),
    pollSockets: () => Promise.resolve(),
  };

  readonly network: Network = {
    knocker: (target) => ({
      prepare: () => {},
      send: async (knock) => {
        this.#server.knock?.(knock, this.#nowMs, target);
        this.knocks.push({ knock, target, atMs: this.#nowMs });
      },
      close: () => {},
    }),
    connector: (target, handlers) => this.#connector(target, handlers),
    isMissing: async () => false,
  };

  get environment(): Environment {
    const { clock, network, sockets: localSockets } = this;
    return { clock, network, localSockets, random: () => 0.5, pid: 4711, isAlive: () => false };
  }

  /** Calls back at a time. @returns what cancels it. */
  at(atMs: number, run: () => void): () => void {
    const timer = { atMs, order: this.#order++, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass until `promise` is settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      for (let turn = 0; turn < TURNS && !isSettled; turn++) await new Promise((next) => setImmediate(next));
      if (isSettled) return promise;
      this.#step();
    }
  }

  #step(): void {
    const [first] = [...this.#timers].sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    if (first === undefined) throw new Error('nothing to wait for');
    this.#timers.delete(first);
    this.#nowMs = Math.max(this.#nowMs, first.atMs);
    first.run();
  }

  #connector(target: Target, handlers: ConnectHandlers): ReturnType<Network['connector']> {
    const answers: (string | undefined)[] = [];
    let isClosed = false;
    const connector = {
      answers,
      lastAnswer: undefined as string | undefined,
      connect: (lifeMs = 900) => {
        const startedMs = this.#nowMs;
        const index = answers.push(undefined) - 1;
        const endsMs = lifeMs === 0 ? Number.POSITIVE_INFINITY : startedMs + lifeMs;
        const send = () => {
          if (isClosed || answers[index] !== undefined) return;
          this.synsMs.push(this.#nowMs);
          const answer = this.#server.syn(this.#nowMs, target);
          if (answer !== undefined) this.at(this.#nowMs + this.rttMs, () => receive(answer));
        };
        const receive = (answer: string) => {
          if (isClosed || this.#nowMs > endsMs) return;
          if (answer === 'open') {
            isClosed = true;
            handlers.connected(fakeSocket(), { startedMs, tookMs: this.#nowMs - startedMs });
            return;
          }
          answers[index] = answer;
          connector.lastAnswer = answer;
          handlers.failed?.(answer);
        };
        send();
        for (const ms of RESENT_MS) if (startedMs + ms < endsMs) this.at(startedMs + ms, send);
      },
      close: () => {
        isClosed = true;
      },
    };
    return connector;
  }
}

function fakeSocket(): net.Socket {
  return Object.assign(new EventEmitter(), { destroy() {} }) as unknown as net.Socket;
}
