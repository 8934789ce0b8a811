import { expect, it } from 'vitest';
import { showChanges } from '../../../src/config-edit/show.ts';

it.each([
  ['nothing', 'a\nb\n', 'a\nb\n', []],
  ['a new file', '', 'a\nb\n', ['+1: a', '+2: b']],
  ['a deleted file', 'a\n', '', ['-1: a']],
  ['an insertion', 'a\nc\n', 'a\nb\nc\n', ['+2: b']],
  ['two insertions', 'a\nc\n', 'x\na\nb\nc\n', ['+1: x', '+3: b']],
  ['a change', 'a\nb\nc', 'a\nB\nc', ['-2: b', '+2: B']],
  ['CRLF', 'a\r\n', 'a\r\nb\r\n', ['+2: b']],
])('%s', (_, before, after, expected) => {
  expect(showChanges(before, after, false)).toEqual(expected);
});

it('never shows what a secret file holds', () => {
  const text = [
    'Host web',
    '  KnockSequence 7001,7002',
    'KnockCloseSequence=7003',
    '# KnockSequence 7004',
    '7005,7006',
    'KnockSequence7007',
    '  KnockTimeout 8',
  ].join('\n');
  const shown = showChanges('', text, true).join('\n');
  expect(shown).not.toMatch(/700/);
  expect(shown).toContain('+1: Host web');
  expect(shown).toContain('+7:   KnockTimeout 8');
});

it('long files are shown whole rather than compared for long', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}`);
  expect(showChanges(lines.join('\n'), lines.map((line) => `${line}!`).join('\n'), false)).toHaveLength(4000);
});
