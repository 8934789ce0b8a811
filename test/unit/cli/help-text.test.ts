import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { helpText } from '../../../src/cli/help-text.ts';

const ALL = [undefined, ...COMMANDS];

describe.each([60, 80, 100, 120, 200])('in %d columns', (columns) => {
  it.each(ALL.map((command) => [command?.name ?? 'knockproxy', command] as const))(
    'no line of %s is wider, and none is cut',
    (_, command) => {
      const text = helpText(command, columns);
      // The line of a ProxyCommand stays as it is to be copied.
      const lines = text.split('\n').filter((line) => !/ProxyCommand knockproxy|FILE\|none\]/.test(line));
      expect(lines.filter((line) => line.length > columns || line.endsWith(' '))).toEqual([]);
      const words = (wide: string) => wide.split(/\s+/).join(' ');
      expect(words(text)).toBe(words(helpText(command, 1000)));
    },
  );
});

it('the texts begin in one column', () => {
  const lines = helpText(
    COMMANDS.find(({ name }) => name === 'open'),
    80,
  ).split('\n');
  expect(lines).toContain('      --verify                  check that the door is open: connect, and close');
  expect(lines).toContain('                                the connection');
});

it('a command has its own text or a sentence of the list', () => {
  expect(
    helpText(
      COMMANDS.find(({ name }) => name === 'close'),
      80,
    ),
  ).toContain('\nSend the sequence that closes the door, to each address of the host.\n');
});
