import { HistoryStore } from '../coordination/history-store.ts';
import { type History, NO_HISTORY } from '../plan/history.ts';

/** Keeps no history, but yields the same lock names, so logins still share the lock. */
export class NoHistory extends HistoryStore {
  override load(): History {
    return NO_HISTORY;
  }

  override touch(): number {
    return 0;
  }

  override update(): void {}

  override save(): void {}
}
