import { toBytes } from '../util/bytes.ts';
import type { Block } from './blocks.ts';
import { hostLineMatches } from './host-line.ts';
import { HOST, MATCH } from './keyword-table.ts';
import { criteriaOf, finalHost, hostSoFar, type Reading, userSoFar, wantsFinal } from './match-criteria.ts';
import type { Criterion } from './match-line.ts';
import { matchHostname, matchPatternList } from './patterns.ts';

/**
 * Evaluates ssh's files as ssh.c does: once, and for `Match final` and CanonicalizeHostname a second time with the
 * resulting host.
 *
 * @param blocksFor the blocks that may apply to a name, in order.
 * @param isOpen whether a second pass could still set something, given the host.
 * @returns the host.
 */
export function readAsSsh(
  first: Reading,
  blocksFor: (name: string) => readonly Block[],
  isOpen: (host: string) => boolean,
): string {
  readBlocks(blocksFor(first.name), first);
  const { target, state, program, system } = first;
  const host = finalHost(target, state);
  const canonicalize = /^(yes|true|always)$/i.test(state.tracked.get('canonicalizehostname') ?? '');
  if (isOpen(host) && (canonicalize || wantsFinal(program, system))) {
    state.hostIsFinal = true;
    readBlocks(blocksFor(host), { ...first, name: host, isFinal: true });
  }
  return host;
}

/** Evaluates blocks in order and takes the values of those that apply. */
export function readBlocks(blocks: readonly Block[], reading: Reading): void {
  const active = new Set<Block>();
  for (const block of blocks) {
    if (block.parent !== undefined && !active.has(block.parent)) continue;
    if (!holds(block, reading)) continue;
    active.add(block);
    if (block.to > block.from) reading.state.apply(block);
  }
}

function holds(block: Block, reading: Reading): boolean {
  if (block.condition === HOST) return hostLineMatches(block.source.text, block.valueAt, reading.name);
  if (block.condition !== MATCH) return true;
  const criteria = criteriaOf(block, reading.program, reading.system);
  const execs = criteria.filter(({ name }) => name === 'exec');
  for (const criterion of criteria) {
    if (criterion.name !== 'exec' && !criterionHolds(criterion, reading)) return false;
  }
  return execs.length === 0 || reading.execHolds(block, execs, reading);
}

/** Evaluates one criterion; those only ssh can know (command, sessiontype) do not match, negated or not. */
function criterionHolds(criterion: Criterion, reading: Reading): boolean {
  const result = test(criterion, reading);
  return result !== undefined && result !== criterion.negated;
}

function test({ name, argument }: Criterion, reading: Reading): boolean | undefined {
  const { target, state, system } = reading;
  switch (name) {
    case 'all':
      return true;
    case 'final':
    case 'canonical':
      return reading.isFinal;
    case 'host':
      return matchHostname(hostSoFar(reading), argument);
    case 'originalhost':
      return matchHostname(target.alias, argument);
    case 'user':
      return matchPatternList(userSoFar(reading), argument);
    case 'localuser':
      return matchPatternList(toBytes(system.localUser), argument);
    case 'tagged': {
      const tag = state.tracked.get('tag') ?? '';
      return tag === '' ? argument === '' : matchPatternList(tag, argument);
    }
    case 'localnetwork':
      return system.inNetworks(argument.split(','));
    case 'version':
      return matchPatternList(system.sshVersion(), argument);
    default:
      return undefined;
  }
}
