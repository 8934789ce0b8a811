import type { HistoryStore } from '../coordination/history-store.ts';
import type { Target } from '../network/resolve.ts';
import { isCautious } from '../plan/attempt-limits.ts';
import type { ViaRequest } from './via-login.ts';

/** Sequences of a login. */
const MOST_ATTEMPTS = 5;

/** A door as the history names it. */
interface ViaDoor {
  readonly state: HistoryStore;
  readonly target: Target;
  readonly login: ViaRequest;
}

export function mostAttempts({ state, target }: ViaDoor): number {
  return isCautious(state.load(target), Date.now()) ? 1 : MOST_ATTEMPTS;
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
  const { host, port } = login.names;
  state.saveOpening(host, port, now);
}
