import type net from 'node:net';
import type { Door } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import type { WaitLimit } from '../network/look-up.ts';
import type { Target } from '../network/resolve.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import type { Log } from '../util/log.ts';
import type { Closing } from './close-door.ts';
import type { Environment } from './environment.ts';
import type { OpeningLimit } from './open-request.ts';

export interface Connected {
  /** Connected, paused and unread. */
  readonly socket: net.Socket;
  /** It is an ordinary stream, though a buffer was passed for it. */
  readonly isStream?: boolean;
  /** Saves the history and releases the lock: call it once the connection is handed over. */
  afterHandover(): void | Promise<void>;
}

/** Times on the clock of nowMs(). */
export interface LoginRequest extends OpeningLimit {
  readonly host: string;
  readonly door: Door;
  /** Obtains the sequence; called with the lock. */
  readonly obtain: (wait: WaitLimit) => Promise<Obtained>;
  /** At least one, in order of preference. */
  readonly targets: readonly Target[];
  readonly report: Log;
  /** When this login started. Default 0: with the process. */
  readonly beganMs?: number;
  /** The option of the socket; undefined: an ordinary stream. */
  readonly onread?: net.OnReadOpts | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly state?: HistoryStore;
  readonly environment?: Environment;
  /** Closes the door when no login waits for it any more, if it has a close sequence. */
  readonly closeLater?: (closing: Closing) => Promise<void>;
}
