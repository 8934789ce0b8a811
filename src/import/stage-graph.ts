import type { Step } from '../plan/sequence.ts';
import type { ImportedDoor } from './imported-door.ts';

/** A rule of a firewall that moves the sender of a knock from one list of addresses to the next. */
export interface Stage {
  /** The list that the sender must be on; undefined: the rule of the first knock. */
  readonly from: string | undefined;
  readonly to: string;
  /** A text: why the knock is not understood. */
  readonly step: Step | string;
  readonly line: number;
}

/** A rule that accepts connections of the senders on a list. */
export interface Accepting {
  readonly list: string;
  /** TCP ports; none: all. */
  readonly ports: readonly number[];
  readonly line: number;
}

/** knockd has no more steps; it also ends a loop of lists. */
const MOST_STEPS = 31;

/** Follows the lists back from each rule that accepts to the first knock. */
export function followStages(
  stages: readonly Stage[],
  accepting: readonly Accepting[],
  file: string,
): ImportedDoor[] {
  const lists = [...new Set(accepting.map(({ list }) => list))];
  return lists.flatMap((list) => {
    const rules = accepting.filter((rule) => rule.list === list);
    const path = pathTo(list, stages);
    return path === undefined ? [] : [doorOf(list, path, rules, file)];
  });
}

interface Path {
  readonly stages: readonly Stage[];
  /** A list that several rules lead to, by different knocks. */
  readonly fork?: Stage;
  readonly isEndless: boolean;
}

/** undefined: nothing puts an address on that list, so that it is no door. */
function pathTo(list: string, stages: readonly Stage[]): Path | undefined {
  const path: Stage[] = [];
  let fork: Stage | undefined;
  for (let at: string | undefined = list; at !== undefined; at = path[0]!.from) {
    const into = stages.filter(({ to, from }) => to === at && from !== at);
    const [first, ...others] = into;
    if (first === undefined) return undefined;
    fork ??= others.find(({ step, from }) => knockOf(step) !== knockOf(first.step) || from !== first.from);
    path.unshift(first);
    if (path.length > MOST_STEPS) return { stages: path, isEndless: true };
  }
  return { stages: path, ...(fork && { fork }), isEndless: false };
}

function knockOf(step: Stage['step']): string {
  return typeof step === 'string' ? step : `${step.port}:${step.protocol}:${step.data ?? ''}`;
}

function doorOf(name: string, path: Path, rules: readonly Accepting[], file: string): ImportedDoor {
  const { stages, fork, isEndless } = path;
  const where = (line: number) => `${file} line ${line}`;
  return {
    name,
    line: rules[0]!.line,
    secret: {
      kind: 'sequence',
      steps: stages.flatMap(({ step }) => (typeof step === 'string' ? [] : step)),
    },
    ports: [...new Set(rules.flatMap(({ ports }) => ports))],
    problems: [
      ...stages.flatMap(({ step, line }) => (typeof step === 'string' ? [`${where(line)}: ${step}`] : [])),
      ...(isEndless ? [`${where(rules[0]!.line)}: the lists that lead here form a loop`] : []),
    ],
    notes: fork ? [`${where(fork.line)}: another sequence opens this door too; the first one is used`] : [],
  };
}
