import type { Patience } from '../network/look-up.ts';
import type { Step } from '../plan/sequence.ts';

/** What names the host in tokens, and where the door was configured. */
export interface Names {
  /** %h: the host to reach. */
  readonly host: string;
  /** %n: the name as typed. */
  readonly alias: string;
  /** %p, 1-65535 */
  readonly port: number;
  /** %r: the remote user, as far as known. */
  readonly user: string;
  /** `FILE line N` of the setting, for messages. */
  readonly where: string;
}

/** Tells the user something that does not stop us. */
export type Warn = (text: string) => void;

/** A sequence in hand, while it is our turn to knock. */
export interface Obtained {
  /**
   * At least one, the likeliest first. Of one-time sequences: the one in turn, the next one (more of them after
   * logins that came to nothing) and the last used one, because a confirmation may have been lost.
   */
  readonly candidates: readonly (readonly Step[])[];
  /** The first knock of this candidate is about to leave: from now on it is on the wire, and may be used up. */
  sending?(candidate: number): void;
  /**
   * The door has opened with one of these candidates: a one-time sequence is used up.
   *
   * @returns the sequences to send once more now, in this order.
   */
  opened?(candidates: readonly number[]): readonly Again[];
  /** The login ends, opened or not: locks are released. */
  release?(): void;
}

/**
 * A one-time sequence that was sent before its turn came. Whoever has seen it could open the door with it, so it is sent
 * once more when the server awaits it, which uses it up.
 */
export interface Again {
  readonly steps: readonly Step[];
  /** It was sent. */
  sent(): void;
}

/** A door of which is known what must be known before its host's addresses are. */
export interface Prepared {
  /** The machine that takes the knocks, when KnockHost names none. */
  readonly knockHost?: string;
  /** Leaves out addresses that such a door is not for. @throws KnockproxyError when none is left. */
  choose?<T extends { readonly family: 4 | 6 }>(targets: readonly T[]): T[];
  /** Gets the sequence; see obtain below. The deadline is not for what a person is asked for. */
  obtain(patience?: Patience): Promise<Obtained>;
}
