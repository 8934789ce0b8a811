import type { ConnectHandlers } from '../network/connector.ts';
import type { ConnectStarter, KnockSender, Network } from '../network/network.ts';
import type { Target } from '../network/resolve.ts';
import { SYN_LIFETIME_MS } from '../network/syn-lifetime.ts';
import type { Answer } from './findings.ts';
import type { AddressTrace, Trace } from './picture/trace.ts';
import { answerOf } from './probe.ts';

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
type OwnTrace = Mutable<AddressTrace> & {
  readonly knocks: { atMs: number; attempt: number; number: number }[];
  readonly connects: { fromMs: number; toMs: number; answer: Answer }[];
};
type Time = { readonly fromMs: number; readonly toMs: number };

/** Records what a check sends and when. Ports and addresses are not recorded. */
export class TraceRecorder {
  readonly #nowMs: () => number;
  readonly #phases: (Time & { readonly name: string })[] = [];
  readonly #addresses: OwnTrace[] = [];

  /** @param nowMs the time since the start of the check. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get trace(): Trace {
    return { phases: this.#phases, addresses: this.#addresses };
  }

  phase(name: string, time: Time): void {
    this.#phases.push({ name, ...time });
  }

  /** From now on, what is recorded belongs to this address. */
  begin({ family }: Pick<Target, 'family'>): void {
    this.#addresses.push({ family, knocks: [], connects: [] });
  }

  note(facts: Partial<Omit<AddressTrace, 'knocks' | 'connects' | 'family'>>): void {
    Object.assign(this.#address, facts);
  }

  /** The result, and the time that it took. */
  async time<T>(run: () => Promise<T>): Promise<[T, Time]> {
    const fromMs = this.#nowMs();
    const result = await run();
    return [result, { fromMs, toMs: this.#nowMs() }];
  }

  /** A network whose knocks and connects are recorded. */
  record(network: Network): Network {
    return {
      ...network,
      knocker: (target) => this.#knocker(network.knocker(target)),
      connector: (target, handlers, onread) => this.#connector(network, target, handlers, onread),
    };
  }

  get #address(): OwnTrace {
    return this.#addresses.at(-1)!;
  }

  #knocker(knocker: KnockSender): KnockSender {
    const { knocks } = this.#address;
    let attempt = 0;
    return {
      prepare(plan) {
        attempt++;
        knocker.prepare(plan);
      },
      send: async (knock) => {
        await knocker.send(knock);
        knocks.push({ atMs: this.#nowMs(), attempt, number: knock.number });
      },
      close: () => knocker.close(),
    };
  }

  #connector(
    network: Network,
    target: Target,
    handlers: ConnectHandlers,
    onread: Parameters<Network['connector']>[2],
  ): ConnectStarter {
    const { connects } = this.#address;
    const own: OwnTrace['connects'] = [];
    /** The connects of which an answer has come. */
    const answered = new Set<object>();
    const end = (connect: OwnTrace['connects'][number], answer: Answer) => {
      Object.assign(connect, { toMs: this.#nowMs(), answer });
      answered.add(connect);
    };
    const connector = network.connector(
      target,
      {
        connected: (socket, completed) => {
          const fromMs = this.#nowMs() - completed.tookMs;
          const [winner] = [...own].sort((a, b) => Math.abs(a.fromMs - fromMs) - Math.abs(b.fromMs - fromMs));
          for (const connect of own)
            if (!answered.has(connect)) connect.toMs = Math.min(connect.toMs, this.#nowMs());
          if (winner !== undefined) end(winner, 'open');
          handlers.connected(socket, completed);
        },
        failed: (code) => {
          const index = own.findIndex(
            (each, at) => !answered.has(each) && connector.answers[at] !== undefined,
          );
          if (index >= 0) end(own[index]!, answerOf(code));
          handlers.failed?.(code);
        },
      },
      onread,
    );
    return {
      get lastAnswer() {
        return connector.lastAnswer;
      },
      answers: connector.answers,
      connect: (lifeMs = SYN_LIFETIME_MS) => {
        const fromMs = this.#nowMs();
        const connect = {
          fromMs,
          toMs: lifeMs > 0 ? fromMs + lifeMs : Number.POSITIVE_INFINITY,
          answer: 'silent' as const,
        };
        own.push(connect);
        connects.push(connect);
        connector.connect(lifeMs);
      },
      close: () => {
        for (const connect of own) connect.toMs = Math.min(connect.toMs, this.#nowMs());
        connector.close();
      },
    };
  }
}
