import type { Block } from './blocks.ts';
import { criteriaOf, type Reading, wantsFinal } from './criteria.ts';
import { MATCH, type Tracked } from './keyword-table.ts';
import type { Criterion } from './match-line.ts';
import { STRIDE } from './scan.ts';

/**
 * Whether it matters if this Match block holds. ssh has run the command already; we run it again only for a
 * block with a wanted value that is still open, or with an option that a later Match line which has something
 * open itself looks at.
 */
export function execIsRelevant(block: Block, reading: Reading): boolean {
  const open = openIn(block, reading);
  return open === 'slot' || [...open].some((name) => isUsedElsewhere(name, block, reading));
}

/** `slot` when a wanted slot is open in the block or what hangs on it, else the tracked options that are. */
function openIn(block: Block, { program, state }: Reading): 'slot' | Set<Tracked> {
  const tracked = new Set<Tracked>();
  for (const part of extent(block, program.blocks)) {
    for (let at = part.from; at < part.to; at += STRIDE) {
      const open = state.openAt(part.source.lines[at]!);
      if (open === 'slot') return open;
      // Port matters to nothing but the choice of an alias, which runs no command.
      if (open !== undefined && open !== 'port') tracked.add(open);
    }
  }
  return tracked;
}

/** The block, what it includes and what follows the Include. */
function* extent(block: Block, blocks: readonly Block[]): Generator<Block> {
  const inside = new Set([block]);
  yield block;
  for (let id = block.id + 1; id < blocks.length; id++) {
    const next = blocks[id]!;
    if (next.parent === undefined || !inside.has(next.parent)) return;
    inside.add(next);
    yield next;
  }
}

/** Whether a Match line that is still to come, with something open in its block, looks at this option. */
function isUsedElsewhere(name: Tracked, block: Block, reading: Reading): boolean {
  const { program, system, target } = reading;
  // It may bring a second pass, and in that one Host tests the settled name.
  if (name === 'canonicalizehostname') return !reading.isFinal && !wantsFinal(program, system);
  const secondPass = !reading.isFinal && (wantsFinal(program, system) || mayCanonicalize(reading));
  if (name === 'hostname' && secondPass && target.host === undefined) return true;
  if (name === 'user' && target.user !== undefined) return false;
  return program.blocks.some(
    (later) =>
      later.condition === MATCH &&
      (secondPass || later.id > block.id) &&
      later !== block &&
      criteriaOf(later, program, system).some((criterion) => looksAt(criterion, name)) &&
      hasOpen(later, reading),
  );
}

function mayCanonicalize({ program, state }: Reading): boolean {
  return program.blocks.some(({ source, from, to }) => {
    for (let at = from; at < to; at += STRIDE) if (state.isCanonicalize(source.lines[at]!)) return true;
    return false;
  });
}

function looksAt({ name, argument }: Criterion, option: Tracked): boolean {
  if (name === 'exec') return (EXEC_LETTERS[option] ?? /(?!)/).test(argument);
  return CRITERIA[option] === name;
}

const CRITERIA: Partial<Record<Tracked, string>> = { hostname: 'host', user: 'user', tag: 'tagged' };
const EXEC_LETTERS: Partial<Record<Tracked, RegExp>> = {
  hostname: /%[hkC]/,
  user: /%[rC]/,
  hostkeyalias: /%k/,
};

function hasOpen(block: Block, reading: Reading): boolean {
  const open = openIn(block, reading);
  return open === 'slot' || open.size > 0;
}
