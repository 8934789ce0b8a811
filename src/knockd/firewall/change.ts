import { type RulePorts, UNKNOWN_PORTS } from './ports.ts';

/** What one command does to one rule. */
export interface Change {
  readonly effect: 'opens' | 'closes';
  /** The rule, element or entry in a form that is equal for the command that adds it and the one that takes it away. */
  readonly rule: string;
  readonly ports: readonly RulePorts[];
  /** It forwards a port: what a client connects to is this one, not the one behind it. */
  readonly forwards?: boolean;
}

/** Deleting a rule that drops opens, and the other way round. */
export function change(
  { adds, drops = false }: { adds: boolean; drops?: boolean },
  rule: string,
  ports: readonly RulePorts[] = [UNKNOWN_PORTS],
): Change {
  return { effect: adds !== drops ? 'opens' : 'closes', rule, ports };
}

/** Reads the arguments of a firewall's program, and what is piped into it. */
export type ReadCommand = (words: readonly string[], program: string, stdin: string | undefined) => Change[];
