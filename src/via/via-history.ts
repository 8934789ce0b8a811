import type { HistoryStore } from '../coordination/history-store.ts';
import type { Target } from '../network/resolve.ts';
import { isWithin, NO_HISTORY } from '../plan/history.ts';
import type { ViaRequest } from './via-login.ts';

/** Sequences of a login, and the failed logins after which it sends one, until an hour after the last of them. */
const MOST_ATTEMPTS = 5;
const FAILED_LOGINS = 3;
const HOUR_MS = 3_600_000;

/** A door as the history names it. */
interface ViaDoor {
  readonly state: HistoryStore;
  readonly target: Target;
  readonly login: ViaRequest;
}

export function mostAttempts({ state, target }: ViaDoor): number {
  const { failedLogins, failedAt } = state.load(target);
  return failedLogins >= FAILED_LOGINS && isWithin(HOUR_MS, failedAt, Date.now()) ? 1 : MOST_ATTEMPTS;
}

/** Records how a login ended that has knocked. */
export function remember({ state, target, login }: ViaDoor, isOpen: boolean): void {
  const history = state.load(target);
  const now = Date.now();
  if (!isOpen) {
    state.save(target, { ...history, failedLogins: history.failedLogins + 1, failedAt: now });
    return;
  }
  state.save(target, { ...history, failedLogins: 0, openedAt: now });
  // By the host's name, which is all that list knows.
  const { host, port } = login.names;
  state.save({ address: host.toLowerCase(), family: 4, port }, { ...NO_HISTORY, openedAt: now });
}
