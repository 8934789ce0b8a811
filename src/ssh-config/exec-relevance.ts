import type { Block } from './blocks.ts';
import { MATCH, type Tracked } from './keyword-table.ts';
import { criteriaOf, type Reading, wantsFinal } from './match-criteria.ts';
import type { Criterion } from './match-line.ts';
import { STRIDE } from './scan.ts';

/**
 * Whether the result of this Match block matters. ssh has run its command already; it is run again only if the block
 * contains a wanted value that is not set yet, or an option tested by another Match line whose block contains one.
 */
export function execIsRelevant(block: Block, reading: Reading): boolean {
  const open = openIn(block, reading);
  return open === 'wanted' || [...open].some((name) => isUsedElsewhere(name, block, reading));
}

/** `wanted` if the block or its subtree sets a slot or an outcome that is not set yet, else the tracked options that it sets. */
function openIn(block: Block, reading: Reading): 'wanted' | Set<Tracked> {
  const { program, state, outcome } = reading;
  const tracked = new Set<Tracked>();
  for (const part of subtree(block, program.blocks)) {
    for (let at = part.from; at < part.to; at += STRIDE) {
      const open = state.openAt(part.source.lines[at]!);
      if (open === undefined || (open !== 'slot' && isGiven(open, reading))) continue;
      if (open === 'slot' || outcome.includes(open)) return 'wanted';
      tracked.add(open);
    }
  }
  return tracked;
}

/** The block, its Includes and what follows them. */
function* subtree(block: Block, blocks: readonly Block[]): Generator<Block> {
  const inside = new Set([block]);
  yield block;
  for (let id = block.id + 1; id < blocks.length; id++) {
    const next = blocks[id]!;
    if (next.parent === undefined || !inside.has(next.parent)) return;
    inside.add(next);
    yield next;
  }
}

/** Whether a Match line still to be evaluated tests this option and its block sets something that is not set yet. */
function isUsedElsewhere(name: Tracked, block: Block, reading: Reading): boolean {
  const { program, system, target } = reading;
  // It may cause a second pass, in which Host tests the final name.
  if (name === 'canonicalizehostname') return !reading.isFinal && !wantsFinal(program, system);
  const secondPass = !reading.isFinal && (wantsFinal(program, system) || mayCanonicalize(reading));
  if (name === 'hostname' && secondPass && target.host === undefined) return true;
  return program.blocks.some(
    (later) =>
      later.condition === MATCH &&
      (secondPass || later.id > block.id) &&
      later !== block &&
      criteriaOf(later, program, system).some((criterion) => looksAt(criterion, name)) &&
      hasOpen(later, reading),
  );
}

/** Whether the command line has it, so that no line of a file counts. */
function isGiven(name: Tracked, { target: { given } }: Reading): boolean {
  return (name === 'user' || name === 'port') && given[name] !== undefined;
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
  port: /%[pC]/,
  user: /%[rC]/,
  hostkeyalias: /%k/,
};

function hasOpen(block: Block, reading: Reading): boolean {
  const open = openIn(block, reading);
  return open === 'wanted' || open.size > 0;
}
