import type net from 'node:net';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { Target } from '../network/resolve.ts';
import { type Log, printable } from '../util/log.ts';
import { type ConnectOptions, connectPlainly } from './plain-connect.ts';

/** What a host that should have a door waits for without one, in milliseconds. */
const LIMIT_MS = 20_000;

export interface DoorlessLogin {
  readonly host: string;
  /** The name as typed. */
  readonly alias: string;
  /** No line says whether the host has a door. managed: `add` or `import` wrote a block for it. */
  readonly undecided: 'managed' | 'unknown' | undefined;
  /** At least one, in order of preference. */
  readonly targets: readonly Target[];
  /** Printed if the connection fails. */
  readonly hints: readonly string[];
  /** When ConnectTimeout ends, on the clock of nowMs(); undefined: it is not set. */
  readonly connectTimeoutMs: number | undefined;
  readonly state: Pick<HistoryStore, 'hasOpened' | 'forget'>;
  readonly report: Pick<Log, 'warning' | 'debug'>;
}

/**
 * Connects to a host without a door, as ssh does. For one that had a door, says at once that nothing was knocked, and
 * waits at most as long as ConnectTimeout, or 20 s.
 *
 * @throws KnockproxyError as connectPlainly
 */
export async function connectWithoutDoor(login: DoorlessLogin, options: ConnectOptions): Promise<net.Socket> {
  const { host, targets, undecided, connectTimeoutMs, state, report } = login;
  const name = printable(login.alias);
  const opened = undecided === undefined ? [] : targets.filter((target) => state.hasOpened(target));
  const hadDoor = undecided === 'managed' || opened.length > 0;
  const limitMs = connectTimeoutMs ?? (hadDoor ? LIMIT_MS : undefined);
  let { hints } = login;
  if (hadDoor) {
    const { lostDoor } = await import('./failure-messages.ts');
    const { warning, hint } = lostDoor(name, limitMs!);
    report.warning(warning);
    hints = [...hints, hint];
  } else report.debug(`no door for ${name}: nothing to knock`);
  const deadline = limitMs === undefined ? {} : { deadlineMs: limitMs };
  const socket = await connectPlainly(host, targets, hints, { ...options, ...deadline });
  // It answers without a knock, so the next login need not warn again.
  for (const target of opened) state.forget(target);
  return socket;
}
