import path from 'node:path';
import type { Target } from '../network/resolve.ts';
import type { HistoryStore } from './history-store.ts';

/** Where the processes of this user that want the same door meet. It may travel to another process as JSON. */
export interface LockPaths {
  /** Where their sockets stand. */
  readonly runtimeFolder: string;
  /** The socket of who has the turn to knock on this machine, whichever of its doors. */
  readonly lockFile: string;
  /** A name for the door. */
  readonly doorName: string;
}

export function lockPaths({ address, port, knockAddress = address }: Target, state: HistoryStore): LockPaths {
  const runtimeFolder = state.runtimeFolder();
  return {
    runtimeFolder,
    lockFile: path.join(runtimeFolder, state.name('turn', knockAddress)),
    doorName: state.name('door', address, port, knockAddress),
  };
}
