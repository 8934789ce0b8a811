import type { WaitLimit } from '../network/look-up.ts';
import type { Step } from '../plan/sequence.ts';

/** The values of the tokens, and where the door is configured. */
export interface Names {
  /** %h: the host to connect to. */
  readonly host: string;
  /** %n: the name as typed. */
  readonly alias: string;
  /** %p, 1-65535 */
  readonly port: number;
  /** %r: the remote user; '' if unknown. */
  readonly user: string;
  /** `FILE line N` of the setting, for messages. */
  readonly where: string;
}

/** Prints a warning. */
export type Warn = (text: string) => void;

/** The sequences of a login that has the knock lock. */
export interface Obtained {
  /**
   * At least one, the likeliest first. For a one-time file: the next unused sequence, the one after it (more after
   * failed logins), and the last used one, because a confirmation may have been lost.
   */
  readonly candidates: readonly (readonly Step[])[];
  /** Called before the first knock of this candidate is sent: from then on it may be used up. */
  sending?(candidate: number): void;
  /**
   * Called when the door has opened with one of these candidates: a one-time sequence is used up.
   *
   * @returns the sequences to send again now, in this order.
   */
  opened?(candidates: readonly number[]): readonly Again[];
  /** Called at the end of a login, successful or not: releases locks. */
  release?(): void;
}

/**
 * A one-time sequence that was sent before the server expected it. An eavesdropper could open the door with it, so it is
 * sent again when the server expects it, which uses it up.
 */
export interface Again {
  readonly steps: readonly Step[];
  /** Called after it was sent. */
  sent(): void;
}

/** A door whose settings are read, before its host is resolved. */
export interface Prepared {
  /** The machine to knock on, unless KnockHost is set. */
  readonly knockHost?: string;
  /** The steps, where they are known without obtaining a packet. */
  readonly steps?: readonly Step[];
  /** Removes addresses that this kind of door does not support. @throws KnockproxyError if none is left. */
  choose?<T extends { readonly family: 4 | 6 }>(targets: readonly T[]): T[];
  /** Obtains the sequence. The deadline does not apply while the user is asked for something. */
  obtain(wait?: WaitLimit): Promise<Obtained>;
}
