import fs from 'node:fs';
import readline from 'node:readline';
import { Writable } from 'node:stream';
import tty from 'node:tty';
import { KnockproxyError, usageError } from '../../util/errors.ts';

/** Cause of the error after Ctrl-C: the exit status is what sh(1) reports for a SIGINT. */
export const INTERRUPT = Symbol('SIGINT');

/** A sequence in either syntax is shorter. */
const MAX_SECRET_LENGTH = 10_000;

/** Reads stdin to its end or, if it is a terminal, one line without echo. */
export async function readSecret(prompt: string): Promise<string> {
  return process.stdin.isTTY ? askTerminal(prompt, { hidden: true }) : readStdin();
}

/** @throws KnockproxyError (exit status 2) when it is longer than any sequence. */
export async function readStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_SECRET_LENGTH) throw usageError('stdin is too long for a knock sequence');
  }
  return text;
}

/**
 * Asks at the terminal, even if stdin is a file or a pipe.
 *
 * @throws KnockproxyError if there is no terminal, or it gives no answer.
 */
export async function confirm(question: string): Promise<boolean> {
  const answer = await askTerminal(`${question} [y/N] `, { hidden: false });
  return /^y(es)?$/i.test(answer.trim());
}

async function askTerminal(prompt: string, { hidden }: { hidden: boolean }): Promise<string> {
  const input = new tty.ReadStream(openTerminal());
  const output = new tty.WriteStream(openTerminal());
  // Only an error of the input matters.
  output.on('error', () => {});
  try {
    return await readAnswer({ input, output, prompt, hidden });
  } catch (error) {
    if (!hidden) output.write('\n');
    throw error;
  } finally {
    if (hidden) output.write('\n');
    input.destroy();
    output.destroy();
  }
}

function openTerminal(): number {
  try {
    return fs.openSync(process.platform === 'win32' ? '\\\\.\\CON' : '/dev/tty', 'r+');
  } catch {
    throw usageError('cannot ask for confirmation: no terminal', 'pass --yes to skip the question');
  }
}

interface Question {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly prompt: string;
  /** Whether to turn echo off. */
  readonly hidden: boolean;
}

/**
 * Reads one line, with readline's editing. If the terminal disappears or reaches its end (Ctrl-D), what was typed before is
 * not an answer.
 *
 * @throws KnockproxyError, after Ctrl-C with INTERRUPT as its cause.
 */
export async function readAnswer({ input, output, prompt, hidden }: Question): Promise<string> {
  // Before readline's listeners: it accepts a line that ends without Return.
  const gone = new Promise<never>((_, reject) => {
    const fail = (error?: NodeJS.ErrnoException) => {
      const why = error?.code === undefined ? '' : ` (${error.code})`;
      reject(new KnockproxyError(`could not read an answer from the terminal${why}`));
    };
    input.on('end', fail).on('error', fail);
  });
  const echo = hidden ? nowhere() : output;
  const lines = readline.createInterface({ input, output: echo, terminal: true, historySize: 0, prompt });
  // Echo of the terminal itself is off from here on.
  if (hidden) output.write(prompt);
  else lines.prompt();
  try {
    return await Promise.race([gone, answerOf(lines)]);
  } finally {
    lines.close();
  }
}

function answerOf(lines: readline.Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('SIGINT', () => reject(new KnockproxyError('interrupted', { cause: INTERRUPT })));
    lines.once('close', () => reject(new KnockproxyError('could not read an answer from the terminal')));
    // The input reports it.
    lines.on('error', () => {});
  });
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
