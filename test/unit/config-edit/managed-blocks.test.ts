import { describe, expect, it } from 'vitest';
import { insertLines } from '../../../src/config-edit/config-lines.ts';
import { findRegions, kept, marked, takeOut } from '../../../src/config-edit/managed-blocks.ts';

describe('insertLines, and takeOut after it', () => {
  it.each([
    ['an empty file', '', 0],
    ['a line feed alone', '\n', 0],
    ['one line', '#A\n', 1],
    ['no line feed at the end', '#A', 1],
    ['far behind the end', '#A\n#B', 99],
    ['before the first line', '#A\n#B\n', 0],
    ['CRLF', '#A\r\n#B\r\n', 1],
    ['CRLF without the last', '#A\r\n#B', 2],
    ['blank lines at the end', '#A\n\n\n', 9],
    ['a lone CR', '#A\rB\n#C', 1],
    ['bytes above 127', '# caf\u00c3\u00a9\n#A\n', 1],
  ])('%s', (_, text, at) => {
    const edited = insertLines(text, at, marked('h', ['Host h', '  Port 1']));
    expect(edited).toContain('Port 1');
    expect(takeOut(edited, 'f', 'h')).toBe(text);
    expect(takeOut(edited, 'f')).toBe(text);
    expect(takeOut(edited, 'f', 'other')).toBe(edited);
  });

  it('gives the added lines the line ends of the file', () => {
    expect(insertLines('A\r\nB\r\n', 1, ['x', 'y'])).toBe('A\r\nx\r\ny\r\nB\r\n');
    expect(insertLines('A\r\nB', 2, ['x', 'y'])).toBe('A\r\nB\nx\r\ny');
  });
});

describe('takeOut', () => {
  it('restores kept lines with their indentation, for the host meant', () => {
    const text = `Host a\n\t${kept('a', 'ProxyCommand=nc\t%h %p \r')}\n${kept('::1', 'X y')}\n`;
    expect(takeOut(text, 'f', 'a')).toBe(`Host a\n\tProxyCommand=nc\t%h %p \r\n${kept('::1', 'X y')}\n`);
    expect(takeOut(text, 'f')).toBe('Host a\n\tProxyCommand=nc\t%h %p \r\nX y\n');
  });

  it('takes out one of two hosts', () => {
    const both = [...marked('a', ['Host a']), ...marked('b', ['Host b'])].join('\n');
    expect(takeOut(both, 'f', 'a')).toBe(marked('b', ['Host b']).join('\n'));
  });

  it.each([
    ['a begin without an end', ['# >>> knockproxy a (x)', 'Host a'], 1],
    ['an end without a begin', ['Host a', '# <<< knockproxy a'], 2],
    ['the end of another host', ['# >>> knockproxy a (x)', '# <<< knockproxy b'], 2],
    ['a begin inside', ['# >>> knockproxy a (x)', '# >>> knockproxy b (x)', '# <<< knockproxy b'], 1],
  ])('%s is an error with its line', (_, lines, line) => {
    expect(() => findRegions(lines, 'file')).toThrow(`file line ${line}: unmatched knockproxy marker line`);
  });

  it('refuses when a line added by hand would fall into another block', () => {
    const text = ['Host z', ...marked('a', ['Host a']), '  User bob', 'Host y'].join('\n');
    expect(() => takeOut(text, 'file', 'a')).toThrow('file line 5: this line belongs to the block');
  });
});
