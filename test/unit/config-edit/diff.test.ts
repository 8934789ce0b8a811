import { expect, it } from 'vitest';
import { diffLines } from '../../../src/config-edit/diff.ts';
import { Random } from '../../model/random.ts';

/** The second text, from the first and what changes. */
function apply(old: readonly string[], changes: ReturnType<typeof diffLines>): string[] {
  const gone = new Set(changes.filter(({ sign }) => sign === '-').map(({ at }) => at));
  const text = old.filter((_, at) => !gone.has(at));
  for (const { sign, line, at } of changes) if (sign === '+') text.splice(at, 0, line);
  return text;
}

/** The length of the longest common subsequence, by the textbook. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [j, other] of b.entries()) {
      next.push(line === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!));
    }
    row = next;
  }
  return row[b.length]!;
}

it('1000 pairs of texts: the changes lead from one to the other, and are the fewest', () => {
  const random = new Random(1);
  const text = () => Array.from({ length: random.int(0, 12) }, () => 'abcd'[random.int(0, 3)]!);
  for (let i = 0; i < 1000; i++) {
    const [old, now] = [text(), text()];
    const changes = diffLines(old, now);
    expect(apply(old, changes)).toEqual(now);
    expect(changes).toHaveLength(old.length + now.length - 2 * common(old, now));
    for (const { sign, line, at } of changes) expect((sign === '-' ? old : now)[at]).toBe(line);
  }
});

it('of two changes far apart, nothing between them is shown', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
  const changes = diffLines(lines, ['first', ...lines, 'last']);
  expect(changes).toEqual([
    { sign: '+', line: 'first', at: 0 },
    { sign: '+', line: 'last', at: 5001 },
  ]);
});
