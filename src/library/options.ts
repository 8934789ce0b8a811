import type { Step } from '../plan/sequence.ts';

/** Options of all functions. */
export interface CommonOptions {
  /** Aborts at once: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of openDoor() and openConfiguredDoor(). */
export interface OpeningOptions extends CommonOptions {
  /** When to give up, 100 to 3600000. Default 8000, or `KnockTimeout`. */
  readonly timeoutMs?: number | undefined;
  /** 4: IPv4 only; 6: IPv6 only; 0, the default: either, or `AddressFamily`. */
  readonly family?: 0 | 4 | 6 | undefined;
  /**
   * Whether to read and write the history of this door's timing in `~/.local/state/knockproxy`. Default true. The lock
   * that coordinates the logins of this user does not depend on it.
   */
  readonly learn?: boolean | undefined;
  /** Called with log messages: whole lines, never a port of the sequence. */
  readonly onDebug?: ((text: string) => void) | undefined;
  /** Called with warnings about problems that the user should fix. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** A sequence as a string, `7000,8000:udp` or `7000 8000:udp`, or as 1 to 31 steps. */
export type KnockSequence = string | readonly Step[];

/** A door described by the program. */
export interface OpenDoorOptions extends OpeningOptions {
  /** A name or a literal address. */
  readonly host: string;
  /** The port behind the door, 1 to 65535. Default 22. */
  readonly port?: number | undefined;
  readonly sequence: KnockSequence;
  /** The sequence that closes the door; sent in the background when no login of this user waits for the door. */
  readonly closeSequence?: KnockSequence | undefined;
  /** Pause between two knocks, 0 to 60000; exact for the first attempt. Default: chosen by the history of the door. */
  readonly delayMs?: number | undefined;
  /** The server's time limit for the whole sequence (knockd's seq_timeout), 1000 to 3600000. */
  readonly sequenceTimeoutMs?: number | undefined;
  /** Another machine to knock on, by name or address. */
  readonly knockHost?: string | undefined;
  /** The local address to send from, or its name. */
  readonly bindAddress?: string | undefined;
}

/** A door configured by the user. */
export interface OpenConfiguredDoorOptions extends OpeningOptions {
  /** 1 to 65535. Default: `Port` of the configuration, or 22. */
  readonly port?: number | undefined;
  /** Replaces `~/.ssh/config` and `/etc/ssh/ssh_config`; `none`: no file. */
  readonly configFile?: string | undefined;
  /** Replaces `~/.ssh/knock_config`; `none`: no file. */
  readonly knockConfig?: string | undefined;
}

export interface KnockOptions extends CommonOptions {
  /** A name or a literal address. */
  readonly host: string;
  readonly sequence: KnockSequence;
  /** Pause between two knocks, 0 to 60000. Default 10. */
  readonly delayMs?: number | undefined;
  /** 4: IPv4 only; 6: IPv6 only; 0, the default: either. */
  readonly family?: 0 | 4 | 6 | undefined;
  /** The local address to send from, or its name. */
  readonly bindAddress?: string | undefined;
}
