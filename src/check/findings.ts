import type { SequenceSource } from '../config/settings.ts';

/** How a connect to the target port ended. */
export type Answer =
  | 'open'
  /** RST, or ICMP port unreachable: Linux reports both alike. */
  | 'refused'
  /** Another ICMP error. */
  | 'prohibited'
  /** No route on this machine or, by an ICMP error, on a router. */
  | 'no-route'
  | 'silent';

/** Something in the configuration that prevents ssh from using the door. */
export interface Trap {
  /** error: ssh never knocks. warning: ssh does not always knock. */
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly fix: string;
}

/** The first data from the server. */
export type Banner =
  | { readonly kind: 'ssh'; readonly text: string }
  /** Not SSH. */
  | { readonly kind: 'other' }
  | { readonly kind: 'silent' }
  /** The server closed the connection without sending anything. */
  | { readonly kind: 'closed' };

/** What was sent to open the door. */
export interface Knocked {
  /** Whole sequences sent. */
  readonly attempts: number;
  /** From the first to the last knock of the first attempt. */
  readonly sequenceMs: number;
}

/** The findings about one address. */
export interface AddressFinding {
  readonly address: string;
  readonly family: 4 | 6;
  /** 1-65535 */
  readonly port: number;
  /** The source address of the packets, if known. */
  readonly localAddress?: string;
  /** The target port before the knocks. */
  readonly before: Answer;
  /** How long ago this machine opened the door; undefined: not within the last minute. */
  readonly openedSecondsAgo?: number;
  /** undefined: no knock was necessary. */
  readonly knocked?: Knocked;
  /** Why this machine refused to send the knocks. */
  readonly refusal?: { readonly text: string; readonly hints: readonly string[] };
  /** The target port after the knocks. */
  readonly after?: Answer;
  /** The port fell silent after several connections within a minute: it seems to limit them. */
  readonly isLimited?: boolean;
  /** The knocks opened the door, but nothing listens on the port. */
  readonly nothingListens?: boolean;
  /** Nothing on this machine's own network has the address. */
  readonly isMissing?: boolean;
  /** From the last knock to the connection. */
  readonly openMs?: number;
  readonly banner?: Banner;
  /** Whether the close sequence closed the port; undefined: there is none. */
  readonly closed?: boolean;
}

/** The input of the diagnosis. */
export interface Findings {
  readonly host: string;
  /** 1-65535 */
  readonly port: number;
  readonly traps: readonly Trap[];
  /** Why the configuration gives no door. */
  readonly unreadable?: { readonly text: string; readonly hints: readonly string[] };
  /** Why the name gives no address. */
  readonly unnamed?: { readonly text: string; readonly hints: readonly string[] };
  /** Why the host of KnockVia gives no connection. */
  readonly behindVia?: {
    readonly class: 'refused' | 'silent' | 'no-banner';
    readonly text: string;
    readonly hints: readonly string[];
  };
  readonly kind?: SequenceSource['kind'];
  /** KnockDelay, if configured. */
  readonly delayMs?: number;
  readonly knockHost?: string;
  readonly addresses: readonly AddressFinding[];
}

/** The address can be connected to. */
export function isOpen({ before, after }: AddressFinding): boolean {
  return before === 'open' || after === 'open';
}
