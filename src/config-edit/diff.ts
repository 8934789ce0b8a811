/** A line that is in one text only. */
interface Changed {
  readonly sign: '-' | '+';
  readonly line: string;
  /** The line number in its text, from 0. */
  readonly at: number;
}

/** Texts that differ in more lines are shown in full from the first difference to the last. */
const MAX_CHANGES = 200;

/** The fewest lines to remove and to add (E. Myers, "An O(ND) Difference Algorithm", 1986: the greedy one). */
export function diffLines(old: readonly string[], now: readonly string[]): Changed[] {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - start;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const middle = [old.slice(start, old.length - tail), now.slice(start, now.length - tail)] as const;
  const changes = trace(...middle) ?? all(...middle);
  return changes.map(({ sign, line, at }) => ({ sign, line, at: at + start }));
}

function all(old: readonly string[], now: readonly string[]): Changed[] {
  return [
    ...old.map((line, at): Changed => ({ sign: '-', line, at })),
    ...now.map((line, at): Changed => ({ sign: '+', line, at })),
  ];
}

/** For each number of changes how far each diagonal reaches, until both texts end. */
function trace(old: readonly string[], now: readonly string[]): Changed[] | undefined {
  const rounds: Map<number, number>[] = [];
  let reached = new Map([[1, 0]]);
  for (let count = 0; count <= MAX_CHANGES; count++) {
    rounds.push(reached);
    reached = new Map(reached);
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = isDown(reached, diagonal, count) ? reached.get(diagonal + 1)! : reached.get(diagonal - 1)! + 1;
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x++;
      reached.set(diagonal, x);
      if (x >= old.length && x - diagonal >= now.length) return walkBack(old, now, rounds);
    }
  }
  return undefined;
}

/** Whether a diagonal is reached by adding a line, from the one above. */
function isDown(reached: Map<number, number>, diagonal: number, count: number): boolean {
  if (diagonal === -count) return true;
  return diagonal !== count && reached.get(diagonal - 1)! < reached.get(diagonal + 1)!;
}

function walkBack(
  old: readonly string[],
  now: readonly string[],
  rounds: readonly Map<number, number>[],
): Changed[] {
  const changes: Changed[] = [];
  let diagonal = old.length - now.length;
  for (let count = rounds.length - 1; count > 0; count--) {
    const down = isDown(rounds[count]!, diagonal, count);
    diagonal += down ? 1 : -1;
    const at = rounds[count]!.get(diagonal)!;
    changes.push(
      down ? { sign: '+', line: now[at - diagonal]!, at: at - diagonal } : { sign: '-', line: old[at]!, at },
    );
  }
  return changes.reverse();
}
