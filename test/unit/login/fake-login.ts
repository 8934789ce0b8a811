import type { KnownTarget } from '../../../src/login/address-context.ts';
import { tryToOpen } from '../../../src/login/attempt-loop.ts';
import { KnockBudget } from '../../../src/login/knock-budget.ts';
import type { Opened, OpenRequest, StayedShut } from '../../../src/login/open-request.ts';
import type { Target } from '../../../src/network/resolve.ts';
import { type History, NO_HISTORY } from '../../../src/plan/history.ts';
import { parseSequence, type Sequence } from '../../../src/plan/sequence.ts';
import { Log } from '../../../src/util/log.ts';
import { type FakeServer, FakeWorld } from './fake-world.ts';

export const HOST: Target = { address: '192.0.2.1', family: 4, port: 22 };
export const THREE: Sequence = { steps: parseSequence('7000,8000,9000') };

export interface FakeLogin extends Partial<OpenRequest> {
  readonly history?: History;
}

/** A login at a server, and what it did; times in ms. */
export class Login {
  readonly world: FakeWorld;
  history: History;
  result: Opened | StayedShut | undefined;
  tookMs = 0;

  private constructor(world: FakeWorld, history: History) {
    this.world = world;
    this.history = history;
  }

  static async at(
    server: FakeServer,
    { history = NO_HISTORY, ...more }: FakeLogin = {},
    world = new FakeWorld(server),
  ): Promise<Login> {
    const login = new Login(world, history);
    const beganMs = world.nowMs;
    const limitMs = more.limitMs ?? 8000;
    const targets: readonly KnownTarget[] = more.targets ?? [{ ...HOST, history }];
    login.result = await world.run(
      tryToOpen({
        host: 'host',
        sequences: [THREE],
        report: new Log(),
        budget: new KnockBudget(),
        remember: (_, learned) => {
          login.history = learned;
        },
        deadlineMs: beganMs + limitMs,
        environment: world.environment,
        ...more,
        limitMs,
        targets,
      }),
    );
    login.tookMs = world.nowMs - beganMs;
    return login;
  }

  /** The next login of the same user, later. */
  next(server: FakeServer, more: FakeLogin = {}, afterMs = 5000): Promise<Login> {
    const world = new FakeWorld(server);
    return Login.at(server, { history: earlier(this.history, afterMs + this.world.nowMs), ...more }, world);
  }

  get sequences(): number {
    return this.world.knocks.filter(({ knock }) => knock.number === THREE.steps.length).length;
  }

  get syns(): number {
    return this.world.synsMs.length;
  }
}

/** A history whose times are longer ago, as a new world begins at the same time. */
function earlier(history: History, ms: number): History {
  const shift = (at: number) => (at === 0 ? 0 : at - ms);
  const { failedAt, openedAt, nothingListenedAt, refusedAt, limitedAt, cutShortAt, synsAt } = history;
  return {
    ...history,
    failedAt: shift(failedAt),
    openedAt: shift(openedAt),
    nothingListenedAt: shift(nothingListenedAt),
    refusedAt: shift(refusedAt),
    limitedAt: shift(limitedAt),
    cutShortAt: shift(cutShortAt),
    synsAt: synsAt.map(shift),
  };
}

/** Nothing answers. */
export const SHUT: FakeServer = { syn: () => undefined };

/** Opens so many milliseconds after the last knock; meanwhile a SYN is answered with `closed`. */
export function door(opensAfterMs: number, closed?: string): FakeServer {
  let openMs = Number.POSITIVE_INFINITY;
  return {
    knock({ number }, atMs) {
      if (number === THREE.steps.length) openMs = Math.min(openMs, atMs + opensAfterMs);
    },
    syn: (atMs) => (atMs >= openMs ? 'open' : closed),
  };
}
