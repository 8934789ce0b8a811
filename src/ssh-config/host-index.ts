import type { Block, Blocks } from './blocks.ts';
import { hostPatterns } from './host-line.ts';
import { HOST } from './keyword-table.ts';

const WILDCARD = /[*?]/;
const NO_BLOCKS: readonly Block[] = [];

/** The blocks by the literal names on their Host lines, so that evaluating one name need not visit them all. */
export interface HostIndex {
  /** All literal names, in file order. */
  names(): Iterable<string>;
  /** The names for which a block can apply; undefined if these are not just literal names. */
  namesOf(id: number): readonly string[] | undefined;
  /** The blocks that may apply to this name, in reading order. */
  blocksFor(name: string): readonly Block[];
}

export function hostIndex(program: Blocks): HostIndex {
  const byName = new Map<string, Block[]>();
  const others: Block[] = [];
  const namesById: (readonly string[] | undefined)[] = [];
  for (const block of program.blocks) {
    const own = block.condition === HOST ? patternsOf(block) : NO_NAMES;
    const names = isSpelledOut(own) ? own : block.parent && namesById[block.parent.id];
    namesById.push(names);
    if (names) {
      for (const name of names) append(byName, name, block);
      continue;
    }
    others.push(block);
    // The block is visited for every name; this only registers its literal names.
    for (const name of own) if (!isPattern(name) && !byName.has(name)) byName.set(name, []);
  }
  return {
    names: () => byName.keys(),
    namesOf: (id) => namesById[id],
    blocksFor: (name) => merge(byName.get(name) ?? NO_BLOCKS, others),
  };
}

/** Whether the block has a Host line with a wildcard. */
export function isWild(block: Block): boolean {
  return (
    block.condition === HOST &&
    patternsOf(block).some((pattern) => !pattern.startsWith('!') && isPattern(pattern))
  );
}

const NO_NAMES: readonly string[] = [];

function patternsOf(block: Block): readonly string[] {
  block.patterns ??= hostPatterns(block.source.text, block.valueAt);
  return block.patterns;
}

function isSpelledOut(patterns: readonly string[]): boolean {
  return patterns.length > 0 && !patterns.some(isPattern);
}

function isPattern(pattern: string): boolean {
  return pattern.startsWith('!') || WILDCARD.test(pattern);
}

function append(byName: Map<string, Block[]>, name: string, block: Block): void {
  const blocks = byName.get(name);
  if (!blocks) byName.set(name, [block]);
  else if (blocks.at(-1) !== block) blocks.push(block);
}

/** Merges two ordered lists. */
function merge(a: readonly Block[], b: readonly Block[]): readonly Block[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged: Block[] = [];
  let i = 0;
  for (const block of b) {
    while (i < a.length && a[i]!.id < block.id) merged.push(a[i++]!);
    merged.push(block);
  }
  for (; i < a.length; i++) merged.push(a[i]!);
  return merged;
}
