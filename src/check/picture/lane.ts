import type { Span } from './trace.ts';

/** What a mark shows; each renderer has its own signs for them. */
export type Style =
  | 'phase'
  | 'knock'
  | 'silent'
  | 'refused'
  | 'entered'
  | 'maybe'
  | 'open'
  | 'banner'
  | 'close';

export interface Bar extends Span {
  readonly style: Style;
  /** It has no end in the picture. */
  readonly goesOn?: boolean;
}

export interface Point {
  readonly style: Style;
  readonly atMs: number;
  /** A digit, or a sign that replaces it. */
  readonly sign: string;
  /** `knock 2` */
  readonly name: string;
}

/** A row: its name, its marks, and what they mean. */
export interface Lane {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly points: readonly Point[];
  readonly note: string;
}
