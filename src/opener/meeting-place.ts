import path from 'node:path';
import type { State } from './state.ts';
import type { Target } from './target.ts';

/** Where the processes of this user that want the same door meet. It may travel to another process as JSON. */
export interface Place {
  /** Where their sockets stand. */
  readonly runtimeFolder: string;
  /** The socket of who has the turn to knock on this machine, whichever of its doors. */
  readonly turnFile: string;
  /** A name for the door. */
  readonly doorName: string;
}

export function placeOf({ address, port, knockAddress = address }: Target, state: State): Place {
  const runtimeFolder = state.runtimeFolder();
  return {
    runtimeFolder,
    turnFile: path.join(runtimeFolder, state.name('turn', knockAddress)),
    doorName: state.name('door', address, port, knockAddress),
  };
}
