import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { configError, describePlace, usageError } from '../../../src/util/errors.ts';
import { oneLine, printable, shellQuote } from '../../../src/util/text.ts';

const HOSTILE = 'a\u001b]0;OWNED\u0007\u009b2J\u202e\nb';
const ACTED_ON = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

describe('text for a terminal', () => {
  it('shows what a terminal would act on as escapes', () => {
    expect(oneLine(HOSTILE)).toBe('a\\u{1b}]0;OWNED\\u{7}\\u{9b}2J\\u{202e}\\u{a}b');
    expect(printable(`it's \\ ${HOSTILE}`)).not.toMatch(ACTED_ON);
    expect(printable("it's \\")).toBe('it\\u{27}s \\u{5c}');
  });

  it('leaves a path as it is', () => {
    const path = "C:\\Users\\J\u00fcrgen O'Neil\\.ssh\\config";
    expect(oneLine(path)).toBe(path);
    expect(describePlace({ file: path, line: 3 })).toBe(`${path} line 3`);
  });

  it('no error holds more than one line, whatever file it names', () => {
    const error = configError({ file: HOSTILE, line: 2 }, `bad ${HOSTILE}`, `chmod ${HOSTILE}`);
    expect([error.message, ...error.hints, usageError(HOSTILE).message].join('')).not.toMatch(ACTED_ON);
    expect(error.message).toMatch(/^a\\u\{1b\}.* line 2: bad /);
  });
});

describe('a word for the shell', () => {
  const WORDS = [
    'plain',
    '/home/a b',
    "it's",
    '$(id)',
    '`id`;*',
    '',
    'a"b\\c',
    'caf\u00e9 \u00fc',
    '~',
    '-n',
    '!x',
  ];

  it.each([...WORDS, HOSTILE, 'a\u001b1'])('%j comes back from bash', (word) => {
    const quoted = shellQuote(word);
    expect(quoted).not.toMatch(ACTED_ON);
    const { stdout } = spawnSync('bash', ['-c', `printf '%s|' ${quoted}`], { encoding: 'utf8' });
    expect(stdout).toBe(`${word}|`);
  });

  it.each(WORDS)('%j comes back from sh', (word) => {
    const { stdout } = spawnSync('sh', ['-c', `printf '%s|' ${shellQuote(word)}`], { encoding: 'utf8' });
    expect(stdout).toBe(`${word}|`);
  });
});
