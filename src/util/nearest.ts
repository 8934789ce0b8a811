/**
 * The one of `known` that `typed` is most likely a misspelling of: a letter too many, one too few, another one, or two
 * swapped, up to a third of the word.
 *
 * @returns undefined when none is near.
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  let found: string | undefined;
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const edits = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (edits < least) [found, least] = [word, edits];
  }
  return found;
}

/** Of Damerau and Levenshtein, by rows: each holds the distances of `a`'s first letters to the prefixes of `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
        isSwapped ? beforeLast[column - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}
