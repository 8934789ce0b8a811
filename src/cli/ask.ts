import fs from 'node:fs';
import tty from 'node:tty';
import { KnockproxyError, usageError } from '../errors.ts';

/** A sequence in either syntax is shorter. */
const MAX_SECRET_LENGTH = 10_000;

/** Reads stdin to its end, or, when it is a terminal, a line that is not shown. */
export async function readSecret(prompt: string): Promise<string> {
  if (process.stdin.isTTY) return askTerminal(prompt, { hidden: true });
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_SECRET_LENGTH) throw usageError('stdin is too long for a knock sequence');
  }
  return text;
}

/**
 * Asks the person at the terminal, also when stdin is a file or a pipe.
 *
 * @throws KnockproxyError when there is none.
 */
export async function confirm(question: string): Promise<boolean> {
  const answer = await askTerminal(`${question} [y/N] `, { hidden: false });
  return /^y(es)?$/i.test(answer.trim());
}

async function askTerminal(prompt: string, { hidden }: { hidden: boolean }): Promise<string> {
  const input = new tty.ReadStream(openTerminal());
  const output = new tty.WriteStream(openTerminal());
  try {
    output.write(prompt);
    if (hidden) input.setRawMode(true);
    return await readTyped(input);
  } finally {
    if (hidden) {
      input.setRawMode(false);
      output.write('\n');
    }
    input.destroy();
    output.destroy();
  }
}

function openTerminal(): number {
  try {
    return fs.openSync(process.platform === 'win32' ? '\\\\.\\CON' : '/dev/tty', 'r+');
  } catch {
    throw usageError('there is no terminal to ask on', 'give --yes to do it without a question');
  }
}

/** One line. In raw mode the terminal's own editing is off: backspace, Ctrl-U, Ctrl-C and Ctrl-D are done here. */
function readTyped(input: tty.ReadStream): Promise<string> {
  let line = '';
  return new Promise((resolve, reject) => {
    input.setEncoding('utf8');
    input.on('error', () => resolve(line));
    input.on('end', () => resolve(line));
    input.on('data', (chunk: string) => {
      for (const char of chunk) {
        if (char === '\r' || char === '\n' || char === '\u0004') return resolve(line);
        if (char === '\u0003') return reject(new KnockproxyError('interrupted'));
        line = type(line, char);
      }
    });
  });
}

function type(line: string, char: string): string {
  if (char === '\u007f' || char === '\b') return line.slice(0, -1);
  return char === '\u0015' ? '' : line + char;
}
