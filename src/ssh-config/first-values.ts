import { fromBytes } from '../util/bytes.ts';
import { configError } from '../util/errors.ts';
import type { Block } from './blocks.ts';
import type { KeywordEntry, KeywordTable, Tracked } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import { type Scanned, STRIDE } from './scan.ts';
import { skipBlanks, splitArguments } from './tokens.ts';
import type { Setting } from './types.ts';

/** A line whose value was taken; it is split into words on demand. */
interface Taken {
  readonly entry: KeywordEntry;
  readonly source: Scanned;
  readonly valueAt: number;
  readonly line: number;
}

/** The values found so far for one host; the first value wins. */
export class FirstValues {
  readonly taken = new Map<string, Taken>();
  readonly tracked = new Map<Tracked, string>();
  /** In ssh's second pass HostName is ignored, because ssh.c has set it to the host. */
  hostIsFinal = false;
  readonly #table: KeywordTable;
  readonly #hasSlots: boolean;

  /** @param hasSlots false: only the tracked options are taken. */
  constructor(table: KeywordTable, { hasSlots = true } = {}) {
    this.#table = table;
    this.#hasSlots = hasSlots;
  }

  /** Takes the values of a block for slots that are not set yet. @throws KnockproxyError for a Knock line without value. */
  apply(block: Block): void {
    const { lines } = block.source;
    for (let at = block.from; at < block.to; at += STRIDE) {
      if (this.openAt(lines[at]!) === undefined) continue;
      const entry = this.#table.entries[lines[at]!]!;
      const line: Taken = { entry, source: block.source, valueAt: lines[at + 1]!, line: lines[at + 2]! };
      if (entry.tracked !== undefined && !this.tracked.has(entry.tracked)) this.#track(entry.tracked, line);
      if (this.#isOpenSlot(entry.slot)) {
        if (entry.ours) checkValue(line);
        this.taken.set(entry.slot, line);
      }
    }
  }

  /** What a line with this keyword would set: a slot, a tracked option, or nothing. */
  openAt(code: number): 'slot' | Tracked | undefined {
    const { slot, tracked } = this.#table.entries[code]!;
    if (this.hostIsFinal && tracked === 'hostname') return undefined;
    if (this.#isOpenSlot(slot)) return 'slot';
    return tracked !== undefined && !this.tracked.has(tracked) ? tracked : undefined;
  }

  isCanonicalize(code: number): boolean {
    return this.#table.entries[code]!.tracked === 'canonicalizehostname';
  }

  /** A key that is equal for equal values in every slot. Contains secrets. */
  valuesKey(): string {
    let key = '';
    for (const slot of this.#table.slots) {
      const line = this.taken.get(slot);
      if (line) key += line.source.text.slice(line.valueAt, valueEnd(line.source.text, line.valueAt));
      key += '\n';
    }
    return key;
  }

  #isOpenSlot(slot: string | undefined): slot is string {
    return this.#hasSlots && slot !== undefined && !this.taken.has(slot);
  }

  #track(name: Tracked, line: Taken): void {
    const value = wordsOf(line)?.[0];
    if (value) this.tracked.set(name, value);
  }
}

/** Decodes a value from UTF-8. */
export function toSetting(taken: Taken): Setting {
  const { entry, source, valueAt, line } = taken;
  return {
    keyword: entry.keyword,
    words: (wordsOf(taken) ?? []).map(fromBytes),
    raw: fromBytes(source.text.slice(rawStart(source.text, valueAt), valueEnd(source.text, valueAt))),
    file: source.file,
    line,
  };
}

function checkValue(line: Taken): void {
  const words = wordsOf(line);
  const where = { file: line.source.file, line: line.line };
  if (words === undefined) throw configError(where, `${line.entry.spelling}: a quote is not closed`);
  if (words.length === 0) throw configError(where, `${line.entry.spelling} has no value`);
}

function wordsOf({ source, valueAt }: Taken): string[] | undefined {
  return splitArguments(source.text.slice(valueAt, valueEnd(source.text, valueAt)));
}

/** parse_command of readconf.c skips blanks and any number of `=`. */
function rawStart(text: string, valueAt: number): number {
  let at = skipBlanks(text, valueAt);
  while (text[at] === '=') at = skipBlanks(text, at + 1);
  return at;
}
