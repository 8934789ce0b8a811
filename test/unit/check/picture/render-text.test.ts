import { describe, expect, it } from 'vitest';
import { layOut } from '../../../../src/check/picture/picture.ts';
import { renderText } from '../../../../src/check/picture/render-text.ts';
import type { Trace } from '../../../../src/check/picture/trace.ts';
import { TRACES } from './traces.ts';

const ASCII = { columns: 80, isUnicode: false, hasColours: false };
const render = (trace: Trace, more: Partial<typeof ASCII> = {}) =>
  renderText(layOut(trace, 'check'), { ...ASCII, ...more });

it('a check that is well, in 80 columns', () => {
  expect(render(TRACES.ok)).toEqual([
    'ms       0                       950              1000',
    '         +-----//----------------+----------------+------',
    'config   ==                                               4 ms',
    'name      ===                                             5 ms',
    'before      --------                                      silent before',
    'knocks                1 2 3                               3 knocks',
    'connects                  --------------------------      number 2 of 2 gets in',
    '                                               ----O',
    'open                      ?????????????????????#########> after 75 ms',
    'banner                                             ====== SSH-2.0-OpenSSH_9.2p1',
    '         - no answer   O gets in   ? may be open   # door open   // shortened',
  ]);
});

it('a short one whose port refuses, without a break in its scale', () => {
  expect(render(TRACES.short)).toEqual([
    'ms       0       20      40      60     80      100',
    '         +-------+-------+-------+------+-------+--------',
    'config   ===                                              4 ms',
    'name       ===                                            5 ms',
    'before       ---x                                         refused before',
    'knocks             1  2 3                                 3 knocks',
    'connects                   ------------------------O      gets in',
    'open                    ???#############################> after 68 ms',
    'banner                                             -----x the server sends no...',
    '         x refused   O gets in   ? may be open   # door open',
  ]);
});

it('on a terminal with UTF-8', () => {
  const lines = render(TRACES.ok, { isUnicode: true });
  expect(lines[6]).toBe('connects                  ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌      number 2 of 2 gets in');
  expect(lines[8]).toBe('open                      ░░░░░░░░░░░░░░░░░░░░░█████████> after 75 ms');
});

it('colours change nothing but colours', () => {
  const coloured = render(TRACES.both, { hasColours: true });
  expect(coloured.join('')).toContain('\x1b[32m#');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is removed
  expect(coloured.map((line) => line.replace(/\x1b\[\d*m/g, '').trimEnd())).toEqual(render(TRACES.both));
  expect(render(TRACES.both).join('')).not.toContain('\x1b');
});

it('a check that did nothing has no picture', () => {
  expect(render(TRACES.nothing)).toEqual([]);
});

describe.each([40, 80, 120, 237])('in %d columns', (columns) => {
  it.each(Object.entries<Trace>(TRACES))('%s: no line is wider, no text touches another', (_, trace) => {
    for (const isUnicode of [false, true]) {
      const lines = render(trace, { columns, isUnicode });
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      const [times = ''] = lines;
      const shown = times.trim().split(/ +/).slice(1).map(Number);
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
      if (!isUnicode) expect(lines.join('')).toMatch(/^[ -~]*$/);
    }
  });
});

it('no attempt of many hides another', () => {
  const lines = render(TRACES.shut, { columns: 120 });
  const knocks = lines.find((line) => line.startsWith('knocks')) ?? '';
  expect(knocks.slice(9).match(/\*|\|+/g)).toHaveLength(9);
  expect(knocks).toMatch(/ 27 in 9 attempts$/);
  expect(lines.find((line) => line.startsWith('connects'))).toMatch(/ 18 connects, no answer$/);
});
