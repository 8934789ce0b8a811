import type { Step } from '../plan/sequence.ts';

/** What every function takes. */
export interface CommonOptions {
  /** Breaks it off at once: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a door is opened, wherever it comes from. */
export interface OpeningOptions extends CommonOptions {
  /** Milliseconds after which the door counts as shut, 100 to 3600000. Default 8000, or `KnockTimeout`. */
  readonly timeoutMs?: number | undefined;
  /** 4: IPv4 only; 6: IPv6 only; 0, the default: what the name resolves to, or `AddressFamily`. */
  readonly family?: 0 | 4 | 6 | undefined;
  /**
   * Whether to use and keep what logins learn of this door's timing, in `~/.local/state/knockproxy`. Default true.
   * Taking turns with other logins of this user goes on without it.
   */
  readonly learn?: boolean | undefined;
  /** Told what is done and when: whole lines, never a port of the sequence. */
  readonly onDebug?: ((text: string) => void) | undefined;
  /** Told what the user should mend. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** A sequence as text, `7000,8000:udp` or `7000 8000:udp`, or as 1 to 31 steps. */
export type KnockSequence = string | readonly Step[];

/** A door of which the program knows everything. */
export interface OpenDoorOptions extends OpeningOptions {
  /** A name or a literal address. */
  readonly host: string;
  /** The port behind the door, 1 to 65535. Default 22. */
  readonly port?: number | undefined;
  readonly sequence: KnockSequence;
  /** Closes the door again; sent in the background once no login of this user waits for the door. */
  readonly closeSequence?: KnockSequence | undefined;
  /** Milliseconds between two knocks, 0 to 60000; exact on the first try. Default: chosen by what the line needs. */
  readonly delayMs?: number | undefined;
  /** Milliseconds in which the server wants the whole sequence (knockd's seq_timeout), 1000 to 3600000. */
  readonly sequenceTimeoutMs?: number | undefined;
  /** Another machine that takes the knocks, by name or address. */
  readonly knockHost?: string | undefined;
  /** A local address to send from, or a name of one. */
  readonly bindAddress?: string | undefined;
}

/** A door that the user has configured. */
export interface OpenConfiguredDoorOptions extends OpeningOptions {
  /** 1 to 65535. Default: `Port` of the configuration, or 22. */
  readonly port?: number | undefined;
  /** Read instead of `~/.ssh/config` and `/etc/ssh/ssh_config`; `none`: neither. */
  readonly configFile?: string | undefined;
  /** Read instead of `~/.ssh/knock_config`; `none`: not read. */
  readonly knockConfig?: string | undefined;
}

export interface KnockOptions extends CommonOptions {
  /** A name or a literal address. */
  readonly host: string;
  readonly sequence: KnockSequence;
  /** Milliseconds between two knocks, 0 to 60000. Default 10. */
  readonly delayMs?: number | undefined;
  /** 4: IPv4 only; 6: IPv6 only; 0, the default: either. */
  readonly family?: 0 | 4 | 6 | undefined;
  /** A local address to send from, or a name of one. */
  readonly bindAddress?: string | undefined;
}
