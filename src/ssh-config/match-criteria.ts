import { lowerAscii, toBytes } from '../util/bytes.ts';
import type { Block, Blocks } from './blocks.ts';
import { expandHostName } from './expand.ts';
import type { FirstValues } from './first-values.ts';
import { MATCH } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import { type Criterion, parseMatch } from './match-line.ts';
import type { ConfigSystem } from './types.ts';

/** A Query in bytes. */
export interface CriteriaTarget {
  readonly alias: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly user: string | undefined;
}

/** One evaluation pass over the blocks of knock_config or of ssh's files, for one host. */
export interface Reading {
  readonly program: Blocks;
  readonly state: FirstValues;
  readonly target: CriteriaTarget;
  /** The name that `Host` tests. */
  readonly name: string;
  /** `final` and `canonical` match: in ssh's second pass, and in knock_config, which is read with the final host. */
  readonly isFinal: boolean;
  readonly system: ConfigSystem;
  /** Evaluates the `exec` criteria of a block whose other criteria match. */
  readonly execHolds: (block: Block, execs: readonly Criterion[], reading: Reading) => boolean;
}

/** The block's Match line, parsed once. */
export function criteriaOf(block: Block, program: Blocks, system: ConfigSystem): readonly Criterion[] {
  if (!block.criteria) {
    const { text } = block.source;
    const value = text.slice(block.valueAt, valueEnd(text, block.valueAt));
    block.criteria = parseMatch(value, program.kind === 'knock' ? undefined : system);
  }
  return block.criteria;
}

/** Whether a Match line requires ssh's second pass (readconf.c, want_final_pass). */
export function wantsFinal(program: Blocks, system: ConfigSystem): boolean {
  program.wantsFinal ??= program.blocks.some(
    (block) =>
      block.condition === MATCH && criteriaOf(block, program, system).some(({ name }) => name === 'final'),
  );
  return program.wantsFinal;
}

/** The value of `Match host`, and of %h in `Match exec`. */
export function hostSoFar({ program, target, state, name, isFinal }: Reading): string {
  if (program.kind === 'knock') return target.host ?? target.alias;
  const hostName = isFinal ? undefined : state.tracked.get('hostname');
  return hostName === undefined ? name : expandHostName(hostName, target.alias);
}

/** The value of `Match user`, and of %r in `Match exec`. */
export function userSoFar({ target, state, system }: Reading): string {
  return target.user ?? state.tracked.get('user') ?? toBytes(system.localUser);
}

/** The host of ssh's second pass. */
export function finalHost({ alias, host }: CriteriaTarget, state: FirstValues): string {
  return host ?? lowerAscii(expandHostName(state.tracked.get('hostname') ?? alias, alias));
}
