import type { Block, Blocks } from '../ssh-config/blocks.ts';
import type { Config } from '../ssh-config/evaluate.ts';
import { HOST, MATCH } from '../ssh-config/keyword-table.ts';
import { valueEnd } from '../ssh-config/line.ts';
import { STRIDE } from '../ssh-config/scan.ts';
import { splitArguments } from '../ssh-config/tokens.ts';
import { fromBytes } from '../util/bytes.ts';

/** A line of interest, whether or not its block applies. Its words may be a secret. */
export interface ConfigLine {
  /** In lower case. */
  readonly keyword: string;
  /** undefined if a quote is not closed. */
  readonly words: readonly string[] | undefined;
  /** The unparsed value, without trailing space. */
  readonly raw: string;
  readonly file: string;
  readonly line: number;
  /** The Host or Match line of its block; undefined: it applies to every host. */
  readonly block: string | undefined;
}

/** The lines of some blocks in the order in which ssh reads them. */
export function configLines({ table }: Config, program: Blocks): ConfigLine[] {
  return program.blocks.flatMap((block) => {
    const { lines, text, file } = block.source;
    const name = blockName(block);
    const found: ConfigLine[] = [];
    for (let at = block.from; at < block.to; at += STRIDE) {
      const { keyword } = table.entries[lines[at]!]!;
      const value = text.slice(lines[at + 1]!, valueEnd(text, lines[at + 1]!));
      found.push({
        keyword,
        words: splitArguments(value),
        raw: fromBytes(value),
        file,
        line: lines[at + 2]!,
        block: name,
      });
    }
    return found;
  });
}

function blockName(block: Block): string | undefined {
  const { condition, parent } = block;
  const above = parent && blockName(parent);
  if (condition !== HOST && condition !== MATCH) return above;
  const { text } = block.source;
  const patterns = fromBytes(text.slice(block.valueAt, valueEnd(text, block.valueAt)));
  if (condition === HOST && patterns === '*') return above;
  return `${condition === HOST ? 'Host' : 'Match'} ${patterns}`;
}
