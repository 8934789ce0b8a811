import { describe, expect, it } from 'vitest';
import { readTerminal } from '../../../../src/cli/shared/terminal.ts';

const TERMINAL = { isTTY: true, columns: 120 } as NodeJS.WriteStream;
const PIPE = {} as NodeJS.WriteStream;
const UTF8 = { LANG: 'en_US.UTF-8', TERM: 'xterm' };

describe('the columns', () => {
  it.each([
    ['of the terminal', TERMINAL, { COLUMNS: '70' }, 120],
    ['of COLUMNS without one', PIPE, { COLUMNS: '70' }, 70],
    ['80 where nothing says', PIPE, {}, 80],
    ['80 for nonsense', PIPE, { COLUMNS: '-1' }, 80],
    ['40 at least', PIPE, { COLUMNS: '3' }, 40],
  ])('%s', (_, stream, env, columns) => {
    expect(readTerminal(stream, env)).toMatchObject({ columns });
  });
});

describe('characters outside ASCII', () => {
  it.each([
    ['a terminal with a UTF-8 locale', TERMINAL, UTF8, true],
    ['LC_ALL counts before LANG', TERMINAL, { ...UTF8, LC_ALL: 'C' }, false],
    ['LC_CTYPE counts before LANG', TERMINAL, { LANG: 'C', LC_CTYPE: 'de_DE.utf8' }, true],
    ['no locale', TERMINAL, {}, process.platform === 'win32'],
    ['TERM=dumb', TERMINAL, { ...UTF8, TERM: 'dumb' }, false],
    ['a pipe', PIPE, UTF8, false],
  ])('%s', (_, stream, env, isUnicode) => {
    expect(readTerminal(stream, env)).toMatchObject({ isUnicode });
  });
});

describe('colours', () => {
  it.each([
    ['a terminal', TERMINAL, UTF8, true],
    ['a pipe', PIPE, UTF8, false],
    ['TERM=dumb', TERMINAL, { TERM: 'dumb' }, false],
    ['NO_COLOR', TERMINAL, { ...UTF8, NO_COLOR: '1' }, false],
    ['NO_COLOR that is empty', TERMINAL, { ...UTF8, NO_COLOR: '' }, true],
    ['FORCE_COLOR into a pipe', PIPE, { FORCE_COLOR: '1' }, true],
    ['CLICOLOR_FORCE into a pipe', PIPE, { CLICOLOR_FORCE: '1' }, true],
    ['FORCE_COLOR=0', PIPE, { FORCE_COLOR: '0' }, false],
    ['NO_COLOR before FORCE_COLOR', PIPE, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('%s', (_, stream, env, hasColours) => {
    expect(readTerminal(stream, env)).toMatchObject({ hasColours });
  });
});
