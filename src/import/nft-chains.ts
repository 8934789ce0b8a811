import type { Step } from '../plan/sequence.ts';

/** What a packet has met on its way to a rule of nftables. */
export interface PacketContext {
  /** The set that the sender must be in; with a port, that of a set for all steps. */
  readonly from: string | undefined;
  /** A text: why it is not understood; undefined: any packet. */
  readonly step: Step | string | undefined;
  /** Of the rule that says so. */
  readonly line?: number | undefined;
  /** TCP ports; none: all. */
  readonly ports: readonly number[];
}

/** A rule that leads from one chain to another. */
export interface Jump {
  readonly chain: string | undefined;
  readonly to: string;
  readonly match: PacketContext;
}

/** In a hostile ruleset the number of ways to a chain grows without limit. */
const MOST_CONTEXTS = 64;
/** The kernel allows 16 jumps (NFT_JUMP_STACK_SIZE). */
const MOST_JUMPS = 16;
const ANY: PacketContext = { from: undefined, step: undefined, ports: [] };

/** The ways to a chain; the only one to a chain that nothing jumps to has met nothing. */
export function contextsOf(jumps: readonly Jump[]): (chain: string | undefined) => readonly PacketContext[] {
  const into = byTarget(jumps);
  const known = new Map<string | undefined, readonly PacketContext[]>();
  const find = (chain: string | undefined, depth = 0): readonly PacketContext[] => {
    const found = known.get(chain);
    if (found !== undefined || depth > MOST_JUMPS) return found ?? [];
    // What leads back to itself adds nothing.
    known.set(chain, []);
    const ways = (into.get(chain ?? '') ?? []).flatMap(({ chain: before, match }) =>
      find(before, depth + 1).map((context) => within(context, match)),
    );
    const contexts = ways.length === 0 ? [ANY] : distinct(ways).slice(0, MOST_CONTEXTS);
    known.set(chain, contexts);
    return contexts;
  };
  return (chain) => find(chain);
}

/** What a rule requires, beside what the rules that lead to it do. */
export function within(context: PacketContext, own: PacketContext): PacketContext {
  return {
    from: own.from ?? context.from,
    step: own.step ?? context.step,
    line: own.step === undefined ? context.line : own.line,
    ports: own.ports.length > 0 ? own.ports : context.ports,
  };
}

function byTarget(jumps: readonly Jump[]): Map<string, Jump[]> {
  const into = new Map<string, Jump[]>();
  for (const jump of jumps) {
    const others = into.get(jump.to);
    if (others === undefined) into.set(jump.to, [jump]);
    else others.push(jump);
  }
  return into;
}

function distinct(contexts: readonly PacketContext[]): PacketContext[] {
  return [...new Map(contexts.map((context) => [JSON.stringify(context), context])).values()];
}
