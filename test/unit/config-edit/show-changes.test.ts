import { expect, it } from 'vitest';
import { showChanges } from '../../../src/config-edit/show-changes.ts';

it.each([
  ['nothing', 'Host a\nHost b\n', 'Host a\nHost b\n', []],
  ['a new file', '', 'Host a\nPort 2\n', ['+1: Host a', '+2: Port 2']],
  ['a deleted file', 'Host a\n', '', ['-1: Host a']],
  ['an insertion', 'Host a\nHost c\n', 'Host a\nHost b\nHost c\n', ['+2: Host b']],
  ['two insertions', 'Host a\nHost c\n', 'Host x\nHost a\nHost b\nHost c\n', ['+1: Host x', '+3: Host b']],
  ['a change', 'Host a\nHost b\nHost c', 'Host a\nHost B\nHost c', ['-2: Host b', '+2: Host B']],
  ['CRLF', 'Host a\r\n', 'Host a\r\nHost b\r\n', ['+2: Host b']],
  [
    'what may hold a sequence',
    '  LocalCommand knock h 7001\n# 7001\n',
    '',
    ['-1:   LocalCommand (not shown)', '-2: # (not shown)'],
  ],
])('%s', (_, before, after, expected) => {
  expect(showChanges(before, after, false)).toEqual(expected);
});

it.each([
  ['ProxyCommand /usr/bin/node /opt/v20.20.2/knockproxy.cjs -F /a/b %h %p %n %r', true],
  ["  ProxyCommand knockproxy -- '%h' %p", true],
  ['ProxyCommand ssh jump knockproxy %h %p', true],
  ['ProxyCommand sh -c "knock %h 7001 7002; exec nc %h %p"', false],
  ['ProxyCommand sh -c "knockproxy knock %h 7001 7002:udp; nc %h %p"', false],
  ['ProxyCommand P=7001,7002 knockproxy %h %p', false],
  ['ProxyCommand knock-7001 %h', false],
  ['ProxyCommand=/opt/knock -s 7001:7002 %h', false],
])('%s: shown whole is %s, also as a comment', (line, isWhole) => {
  for (const text of [line, `  # kept by knockproxy for web: ${line}`]) {
    const shown = showChanges(text, '', false).join('');
    expect(shown).not.toMatch(/700/);
    expect(shown.endsWith(text)).toBe(isWhole);
    expect(shown).toContain('ProxyCommand');
  }
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

it('never shows a Knock line of any file, however many lines change', () => {
  const old = Array.from({ length: 700 }, (_, i) => `  KnockSequence 7001,${7002 + i}`);
  const now = old.map((line) => `${line}:tcp`);
  const shown = showChanges(old.join('\n'), now.join('\n'), false);
  expect(shown).toHaveLength(1400);
  expect(shown.join('\n')).not.toMatch(/[ ,]7\d\d\d/);
});
