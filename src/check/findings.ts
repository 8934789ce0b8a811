import type { Source } from '../config/settings.ts';

/** How a connect to the target port ended. */
export type Answer =
  | 'open'
  /** RST, or ICMP port unreachable: Linux tells both alike. */
  | 'refused'
  /** Another ICMP error. */
  | 'prohibited'
  /** No route on this machine, or an ICMP error of a router that has none. */
  | 'no-route'
  | 'silent';

/** Something in the configuration that keeps ssh from using the door. */
export interface Trap {
  /** error: ssh does not get as far as a knock. warning: it does, but not always. */
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly fix: string;
}

/** What the server says first. */
export type Banner =
  | { readonly kind: 'ssh'; readonly text: string }
  /** It says something that is not SSH. */
  | { readonly kind: 'other' }
  /** It says nothing. */
  | { readonly kind: 'silent' }
  /** It closes the connection without a word. */
  | { readonly kind: 'closed' };

/** What was sent to open the door. */
export interface Knocked {
  /** Whole sequences sent. */
  readonly tries: number;
  /** From the first knock of the first try to its last, in milliseconds. */
  readonly sequenceMs: number;
}

/** What was found out about one address. */
export interface AddressFinding {
  readonly address: string;
  readonly family: 4 | 6;
  /** 1-65535 */
  readonly port: number;
  /** Where our packets leave from, as far as known. */
  readonly localAddress?: string;
  /** The target port before anything was knocked. */
  readonly before: Answer;
  /** How long ago this machine opened the door, in seconds; undefined: not within the last minute. */
  readonly openedSecondsAgo?: number;
  /** undefined: there was no reason to knock. */
  readonly knocked?: Knocked;
  /** Why this machine would not send the knocks. */
  readonly refusal?: { readonly text: string; readonly hints: readonly string[] };
  /** The target port after the knocks. */
  readonly after?: Answer;
  /** The knocks have opened the door, and nothing listens on the port. */
  readonly nothingListens?: boolean;
  /** From the last knock to the connection, in milliseconds. */
  readonly openMs?: number;
  readonly banner?: Banner;
  /** Whether the close sequence shut the port; undefined: there is none. */
  readonly closed?: boolean;
}

/** All that the verdict is made from. */
export interface Findings {
  readonly host: string;
  /** 1-65535 */
  readonly port: number;
  readonly traps: readonly Trap[];
  /** Why the configuration gives no door. */
  readonly unreadable?: { readonly text: string; readonly hints: readonly string[] };
  /** Why the name gives no address. */
  readonly unnamed?: { readonly text: string; readonly hints: readonly string[] };
  readonly kind?: Source['kind'];
  /** KnockDelay in milliseconds, where it is configured. */
  readonly delayMs?: number;
  readonly knockHost?: string;
  readonly addresses: readonly AddressFinding[];
}

/** The address can be connected to. */
export function isOpen({ before, after }: AddressFinding): boolean {
  return before === 'open' || after === 'open';
}
