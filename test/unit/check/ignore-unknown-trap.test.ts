import { expect, test } from 'vitest';
import { ignoreUnknownTraps } from '../../../src/check/ignore-unknown-trap.ts';
import type { ConfigLine } from '../../../src/check/line-reader.ts';

let line = 0;
function at(keyword: string, words: readonly string[] | undefined, block?: string): ConfigLine {
  line += 1;
  return { keyword, words, raw: words?.join(' ') ?? '"', file: 'config', line, block };
}
const ignore = (pattern: string, block?: string) => at('ignoreunknown', [pattern], block);
const knock = (words: readonly string[] | undefined = ['1,2']) => at('knocksequence', words, 'Host a');

const ROWS: [string, () => ConfigLine[], RegExp | undefined][] = [
  ['nothing of ours', () => [at('hostname', ['h'])], undefined],
  ['in order', () => [ignore('Knock*'), knock()], undefined],
  ['in a list, in another case', () => [ignore('UseKeychain,KNOCK*'), knock()], undefined],
  ['everything', () => [ignore('*'), knock()], undefined],
  ['twice, the first counts', () => [ignore('knock*'), ignore('UseKeychain'), knock()], undefined],
  ['missing', () => [knock()], /Knock\* is missing/],
  [
    'doubled',
    () => [ignore('UseKeychain'), ignore('Knock*'), knock()],
    /line 2 has no effect.*line 1 comes first/,
  ],
  ['of others only', () => [ignore('UseKeychain'), knock()], /does not name Knock\*/],
  ['negated', () => [ignore('Knock*,!KnockSequence'), knock()], /does not name Knock\*/],
  ['inside a block', () => [ignore('Knock*', 'Host b'), knock()], /line 1 is inside/],
  ['too late', () => [knock(), ignore('Knock*')], /line 2 comes too late/],
  ['inside, and too late', () => [ignore('Knock*', 'Host b'), knock(), ignore('Knock*')], /comes too late/],
  ['without a value', () => [ignore('Knock*'), knock([])], /has no value/],
  ['with an odd quote', () => [ignore('Knock*'), at('knocksequence', undefined)], /quote that is not closed/],
];
test.each(ROWS)('IgnoreUnknown: %s', (_, lines, text) => {
  line = 0;
  const traps = ignoreUnknownTraps(lines());
  expect(traps.length).toBe(text === undefined ? 0 : 1);
  if (text) expect(traps[0]).toMatchObject({ severity: 'error', text: expect.stringMatching(text) });
});
