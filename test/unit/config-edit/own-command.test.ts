import { describe, expect, it } from 'vitest';
import { readOwnCommand, writeOwnCommand } from '../../../src/config-edit/own-command.ts';

const NODE = '/usr/bin/node';
const SCRIPT = '/usr/lib/knockproxy/knockproxy.cjs';

describe('readOwnCommand', () => {
  it.each([
    ['of 1.0.0', 'knockproxy %h %p %n %r', "knockproxy -- '%h' %p '%n' '%r'"],
    ['of 1.0.0, by add', `${NODE} ${SCRIPT} %h %p`, `${NODE} ${SCRIPT} -- '%h' %p`],
    ['with blanks', ' knockproxy   --  %h %p %n ', "knockproxy -- '%h' %p '%n'"],
    ['half quoted', "knockproxy '%h' %p %n", "knockproxy -- '%h' %p '%n'"],
    ['in double quotes', 'knockproxy -- "%h" %p', "knockproxy -- '%h' %p"],
    [
      'with options',
      'knockproxy -v -4 -F ~/x --fdpass --knock-config=/k %h %p',
      "knockproxy -v -4 -F '~/x' --fdpass '--knock-config=/k' -- '%h' %p",
    ],
    [
      'with odd paths',
      "'/a b/it'\\''s/100%%/knockproxy' %h %p",
      "'/a b/it'\\''s/100%%/knockproxy' -- '%h' %p",
    ],
    ['of today', `${NODE} ${SCRIPT} -F /c -- '%h' %p '%n'`, `${NODE} ${SCRIPT} -F /c -- '%h' %p '%n'`],
  ])('reads a line %s', (_, command, written) => {
    const own = readOwnCommand(command, 'linux')!;
    expect(writeOwnCommand(own, 'linux')).toBe(written);
    expect(own.isQuoted).toBe(command === written);
    expect(readOwnCommand(written, 'linux')).toEqual({ ...own, isQuoted: true });
  });

  it('reads a line of Windows', () => {
    const command = '"C:/Program Files/nodejs/node.exe" C:/k/knockproxy.cjs -- "%h" %p';
    expect(writeOwnCommand(readOwnCommand(command, 'win32')!, 'win32')).toBe(command);
  });

  it.each([
    'nc %h %p',
    'knockproxy',
    'knockproxy %h',
    'knockproxy %h 22',
    'knockproxy %h %p %r',
    'knockproxy %h %p | tee /x',
    'knockproxy %h %p; true',
    'exec knockproxy %h %p',
    'A=b knockproxy %h %p',
    `sh -c 'knockproxy "$1" "$2"' -- %h %p`,
    `ssh jump "knockproxy -- '%h' %p"`,
    'knockproxy check %h %p',
    'knockproxy --json %h %p',
    'knockproxy -F x %h %p',
    'knockproxy -F $HOME/x %h %p',
    'knockproxy -F %d/x %h %p',
    'node --inspect /x/knockproxy.cjs %h %p',
    "knockproxy '%h %p",
  ])('does not read: %s', (command) => {
    expect(readOwnCommand(command, 'linux')).toBeUndefined();
  });
});
