/** Keywords of ours whose values anybody may see. */
const OPEN = /^[ \t]*(Knock(Delay|Timeout|SequenceTimeout|Host)|Host)\b/i;
/** So many changed lines are compared line by line; of more, all are shown. */
const MOST_COMPARED = 500;

/**
 * What changes in a file, as lines `-N: old` and `+N: new`.
 *
 * @param isSecret the file holds sequences: values are not shown.
 */
export function showChanges(before: string, after: string, isSecret: boolean): string[] {
  const [old, now] = [splitLines(before), splitLines(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - start;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const show = (line: string) => (isSecret ? withoutSecret(line) : line).replace(/\r$/, '');
  return compare(old.slice(start, old.length - tail), now.slice(start, now.length - tail)).map(
    ({ sign, line, at }) => `${sign}${start + at + 1}: ${show(line)}`,
  );
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** In a file with sequences only comments of ours, Host lines and durations are shown as they are. */
function withoutSecret(line: string): string {
  if (OPEN.test(line) || /^[ \t]*(# (>>>|<<<) knockproxy |# Made by knockproxy|\r?$)/.test(line)) return line;
  const keyword = /^[ \t]*(#|Knock[a-z]*)/i.exec(line)?.[0] ?? '';
  return `${keyword} (not shown)`;
}

interface Changed {
  readonly sign: '-' | '+';
  readonly line: string;
  /** In its own file, from 0. */
  readonly at: number;
}

/** The longest common subsequence stays, the rest is shown. */
function compare(old: readonly string[], now: readonly string[]): Changed[] {
  const isLong = old.length > MOST_COMPARED || now.length > MOST_COMPARED;
  const common = isLong ? [] : commonLengths(old, now);
  const changed: Changed[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (!isLong && i < old.length && old[i] === now[j]) {
      i++;
      j++;
    } else if (
      i < old.length &&
      (j === now.length || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      changed.push({ sign: '-', line: old[i]!, at: i++ });
    } else {
      changed.push({ sign: '+', line: now[j]!, at: j++ });
    }
  }
  return changed;
}

/** How many lines the rests from [i] and [j] have in common. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        old[i] === now[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}
