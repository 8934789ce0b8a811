import type { Wanted } from './types.ts';

/** Codes of the keywords that structure a file; all other codes are higher. */
export const HOST = 0;
export const MATCH = 1;
export const INCLUDE = 2;

/** Options of ssh whose value affects later `Match` lines. */
const TRACKED = ['hostname', 'user', 'port', 'tag', 'canonicalizehostname', 'hostkeyalias'] as const;
export type Tracked = (typeof TRACKED)[number];

export interface KeywordEntry {
  readonly code: number;
  /** In lower case. */
  readonly keyword: string;
  readonly slot: string | undefined;
  readonly tracked: Tracked | undefined;
  /** A Knock keyword. */
  readonly ours: boolean;
  /** The spelling last seen in a file. */
  spelling: string;
}

/** The keywords to read; lines with any other keyword are skipped. */
export class KeywordTable {
  readonly entries: KeywordEntry[] = [];
  readonly byName = new Map<string, KeywordEntry>();
  /** By `hashLetter` over the keyword; compare the keyword after a hit. */
  readonly byHash = new Map<number, KeywordEntry>();

  /** The wanted slots, each once. */
  readonly slots: readonly string[];

  /** The keywords that knock_config allows, as they are documented. */
  readonly spellings: readonly string[];

  constructor(wanted: Wanted, known: Iterable<string> = [], spellings: readonly string[] = []) {
    this.spellings = ['Host', 'Match', 'Include', ...spellings];
    this.slots = [...new Set(wanted.values())];
    for (const name of ['host', 'match', 'include', ...TRACKED]) this.#add(name, wanted);
    for (const name of wanted.keys()) this.#add(name, wanted);
    for (const name of known) this.#add(name, wanted);
  }

  #add(keyword: string, wanted: Wanted): void {
    if (this.byName.has(keyword)) return;
    const entry: KeywordEntry = {
      code: this.entries.length,
      keyword,
      slot: wanted.get(keyword),
      tracked: TRACKED.find((name) => name === keyword),
      ours: keyword.startsWith('knock'),
      spelling: keyword,
    };
    this.entries.push(entry);
    this.byName.set(keyword, entry);
    let hash = 0;
    for (let i = 0; i < keyword.length; i++) hash = hashLetter(hash, keyword.charCodeAt(i));
    this.byHash.set(hash, entry);
  }
}

/** Adds a letter to a hash, ignoring case. */
export function hashLetter(hash: number, code: number): number {
  return (Math.imul(hash, 31) + (code | 32)) | 0;
}
