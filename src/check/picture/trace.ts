/** A time of a check, in milliseconds from its start. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A connect to the target port, until it was answered or dropped. */
export interface ConnectSpan extends Span {
  readonly answer: 'open' | 'refused' | 'prohibited' | 'no-route' | 'silent';
}

export interface SentKnock {
  readonly atMs: number;
  /** Both from 1. */
  readonly attempt: number;
  /** Its place in the sequence; the port is not recorded. */
  readonly number: number;
}

/** What was sent to one address and when, without the address. */
export interface AddressTrace {
  readonly family: 4 | 6;
  readonly before?: ConnectSpan;
  readonly knocks: readonly SentKnock[];
  readonly connects: readonly ConnectSpan[];
  readonly banner?: Span & { readonly isSsh: boolean; readonly text: string };
  readonly closing?: Span;
  /** The connect after the close sequence. */
  readonly after?: ConnectSpan;
  /** A connect that is refused shows that the door is open. */
  readonly nothingListens?: boolean;
}

/** What a check did and when. */
export interface Trace {
  /** The configuration, the name, the secret. */
  readonly phases: readonly (Span & { readonly name: string })[];
  readonly addresses: readonly AddressTrace[];
}
