import type { Step } from '../plan/sequence.ts';

/** A door found in a file of a server or of another client. */
export interface ImportedDoor {
  /** How --door names it. */
  readonly name: string;
  /** Its line in the file. */
  readonly line: number;
  readonly secret: ImportedSecret;
  readonly closeSteps?: readonly Step[];
  /** The section that closes it. */
  readonly closedBy?: string;
  /** The server's time limit for the whole sequence. */
  readonly sequenceTimeoutS?: number;
  /** Pause between two knocks. */
  readonly delayMs?: number;
  /** TCP ports that it opens, as far as the file says so; none: not said, or not clear. */
  readonly ports: readonly number[];
  /** Why knockproxy cannot open it, a line each without a port of a sequence; empty when it can. */
  readonly problems: readonly string[];
  /** What else there is to know, a line each. */
  readonly notes: readonly string[];
}

type ImportedSecret =
  | { readonly kind: 'sequence'; readonly steps: readonly Step[] }
  /** The path of the file of one-time sequences, on the server. */
  | { readonly kind: 'one-time'; readonly file: string }
  /** The lines of a key file. */
  | { readonly kind: 'spa'; readonly keyLines: readonly string[]; readonly needsAddress: boolean }
  /** The lines of the door, as another machine's files have them. */
  | { readonly kind: 'configured'; readonly settings: readonly ConfiguredLine[] };

/** A line of a configuration in another machine's file. */
export interface ConfiguredLine {
  readonly keyword: string;
  /** Unquoted. */
  readonly words: readonly string[];
  readonly line: number;
}

/** What a file contains. */
export interface ImportedFile {
  readonly doors: readonly ImportedDoor[];
  /** About the file as a whole, a line each. */
  readonly notes: readonly string[];
}
