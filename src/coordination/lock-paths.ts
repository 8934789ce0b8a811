import path from 'node:path';
import type { Target } from '../network/resolve.ts';
import type { HistoryStore } from './history-store.ts';

/** Where the processes of this user that use the same door find each other. Passed to another process as JSON. */
export interface LockPaths {
  /** The folder of the sockets. */
  readonly runtimeFolder: string;
  /** The socket of the lock, one for all doors of a server. */
  readonly lockFile: string;
  /** Identifies the door in announcements and socket names. */
  readonly doorName: string;
}

export function lockPaths({ address, port, knockAddress = address }: Target, store: HistoryStore): LockPaths {
  const runtimeFolder = store.runtimeFolder();
  return {
    runtimeFolder,
    lockFile: path.join(runtimeFolder, store.name('turn', knockAddress)),
    doorName: store.name('door', address, port, knockAddress),
  };
}
