import { expect, it } from 'vitest';
import { hang, wrapText } from '../../../../src/cli/shared/wrap-text.ts';

it('joins the lines of a paragraph and breaks it anew', () => {
  expect(wrapText('one two\nthree four\n\nfive', 10)).toEqual(['one two', 'three four', '', 'five']);
});

it('continues a line of a table below its last column', () => {
  expect(wrapText('  12  limited  the port is silent\n   1  ok', 24)).toEqual([
    '  12  limited  the port',
    '               is silent',
    '   1  ok',
  ]);
});

it('gives a word that is too long a line of its own', () => {
  expect(hang('  ', 'a bbbbbbbbbbbb c', 8)).toEqual(['  a', '  bbbbbbbbbbbb', '  c']);
});
