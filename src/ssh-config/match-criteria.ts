import { lowerAscii, toBytes } from '../util/bytes.ts';
import type { Block, Blocks } from './blocks.ts';
import { expandHostName } from './expand.ts';
import type { FirstValues } from './first-values.ts';
import { MATCH, type Tracked } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import { type Criterion, parseMatch } from './match-line.ts';
import { readPort } from './read-port.ts';
import type { ConfigSystem } from './types.ts';

/** A Query in bytes. */
export interface CriteriaTarget {
  readonly alias: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly user: string | undefined;
  /** On ssh's command line; what is not there comes from the files. */
  readonly given: GivenBytes;
}

/** Given in bytes. */
export interface GivenBytes {
  readonly port: number | undefined;
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
  /** Options that are needed beside the slots, so that a Match exec block that sets one is run. */
  readonly outcome: readonly Tracked[];
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
  program.wantsFinal ??= asks(program, system, ({ name }) => name === 'final');
  return program.wantsFinal;
}

/** Whether a Match line of the program tests the user. */
export function asksForUser(program: Blocks, system: ConfigSystem): boolean {
  return asks(
    program,
    system,
    ({ name, argument }) => name === 'user' || isExecWith(/%[rC]/, name, argument),
  );
}

/** Whether a Match line of the program tests the port. */
export function asksForPort(program: Blocks, system: ConfigSystem): boolean {
  return asks(program, system, ({ name, argument }) => isExecWith(/%[pC]/, name, argument));
}

function isExecWith(token: RegExp, name: string, argument: string): boolean {
  return name === 'exec' && token.test(argument);
}

function asks(program: Blocks, system: ConfigSystem, test: (criterion: Criterion) => boolean): boolean {
  return program.blocks.some(
    (block) => block.condition === MATCH && criteriaOf(block, program, system).some(test),
  );
}

/** The value of `Match host`, and of %h in `Match exec`. */
export function hostSoFar({ program, target, state, name, isFinal }: Reading): string {
  if (program.kind === 'knock') return target.host ?? target.alias;
  const hostName = isFinal ? undefined : state.tracked.get('hostname');
  return hostName === undefined ? name : expandHostName(hostName, target.alias);
}

/** The value of `Match user`, and of %r in `Match exec`. */
export function userSoFar({ program, target, state, system }: Reading): string {
  const known = program.kind === 'knock' ? target.user : target.given.user;
  return known ?? state.tracked.get('user') ?? toBytes(system.localUser);
}

/** The value of %p in `Match exec`. */
export function portSoFar({ program, target, state, system }: Reading): number {
  if (program.kind === 'knock') return target.port;
  return target.given.port ?? readPort(state.tracked.get('port'), system);
}

/** The host of ssh's second pass. */
export function finalHost({ alias, host }: CriteriaTarget, state: FirstValues): string {
  return host ?? lowerAscii(expandHostName(state.tracked.get('hostname') ?? alias, alias));
}
