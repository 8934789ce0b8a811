import { expect, it } from 'vitest';
import type { Verdict } from '../../../src/check/diagnosis.ts';
import { verdictLines } from '../../../src/check/verdict-lines.ts';

const lines = (count: number, all: boolean) => {
  const causes = Array.from({ length: count }, (_, at) => `cause ${at + 1}`);
  const problems = [{ class: 'silent' as const, text: 'it is silent', causes, todo: ['look'] }];
  const verdict: Verdict = { class: 'silent', exitCode: 8, problems, warnings: [] };
  return verdictLines('web', verdict, all).slice(2);
};
const GUESSES = ['  maybe: cause 1', '  maybe: cause 2', '  maybe: cause 3'];

it.each([
  ['no guess', 0, false, []],
  ['three', 3, false, GUESSES],
  ['three of four', 4, false, [...GUESSES, '         1 more with --all']],
  ['all of four', 4, true, [...GUESSES, '  maybe: cause 4']],
])('shows %s', (_, count, all, shown) => {
  expect(lines(count, all)).toEqual([...shown, '  to do: look']);
});
