import { KEYWORDS } from '../../config/keywords.ts';
import { isNone } from '../../config/read-values.ts';
import type { Block } from '../../ssh-config/blocks.ts';
import type { Config } from '../../ssh-config/evaluate.ts';
import { hostPatterns } from '../../ssh-config/host-line.ts';
import { HOST, MATCH } from '../../ssh-config/keyword-table.ts';
import { valueEnd } from '../../ssh-config/line.ts';
import { STRIDE } from '../../ssh-config/scan.ts';
import { fromBytes } from '../../util/bytes.ts';

/** A line of a configuration file that configures a door or its close sequence. */
export interface DoorLine {
  /** In lower case. */
  readonly keyword: string;
  readonly file: string;
  readonly line: number;
  /** The patterns of its Host line, `Match ...`, or `*` for a line that applies to every host. */
  readonly names: readonly string[];
}

const SLOTS = new Map(KEYWORDS.map(({ name, slot }) => [name.toLowerCase(), slot]));

/** Every line that configures a door, even without effect on any host; `none` is no door. */
export function doorLines(config: Config): DoorLine[] {
  return [...config.knock.blocks, ...config.ssh.blocks].flatMap((block) => {
    const { lines, text, file } = block.source;
    const found: DoorLine[] = [];
    for (let at = block.from; at < block.to; at += STRIDE) {
      const { keyword } = config.table.entries[lines[at]!]!;
      const slot = SLOTS.get(keyword);
      const value = text.slice(lines[at + 1]!, valueEnd(text, lines[at + 1]!));
      if ((slot !== 'door' && slot !== 'close') || isNone({ words: [value] })) continue;
      found.push({ keyword, file, line: lines[at + 2]!, names: namesOf(block) });
    }
    return found;
  });
}

export function isDoor({ keyword }: DoorLine): boolean {
  return SLOTS.get(keyword) === 'door';
}

/** The names without wildcards that may have a door: those of its Host lines, and all if a pattern has one. */
export function candidateHosts(config: Config): Set<string> {
  const names = doorLines(config)
    .filter(isDoor)
    .flatMap(({ names }) => names);
  const named = names.filter(isSpelledOut);
  return new Set(named.length < names.length ? [...named, ...spelledOutNames(config)] : named);
}

/** Every name without wildcards in a Host line. */
export function spelledOutNames(config: Config): string[] {
  const blocks = [...config.knock.blocks, ...config.ssh.blocks].filter(({ condition }) => condition === HOST);
  return blocks.flatMap(namesOf).filter(isSpelledOut);
}

/** A name without wildcards. */
export function isSpelledOut(name: string): boolean {
  return !/[*?!\s]/.test(name);
}

function namesOf(block: Block): string[] {
  const { text } = block.source;
  if (block.condition === HOST) return hostPatterns(text, block.valueAt).map(fromBytes);
  if (block.condition === MATCH) {
    return [`Match ${fromBytes(text.slice(block.valueAt, valueEnd(text, block.valueAt)))}`];
  }
  return block.parent ? namesOf(block.parent) : ['*'];
}
