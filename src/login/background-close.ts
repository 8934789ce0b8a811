import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { CLOSER } from '../argv.ts';
import { type Closing, closeDoor } from './close-door.ts';

/**
 * Starts a separate process that closes the door later, so that the login does not wait for it. It does not inherit
 * stdout or the session's socket, and reads the sequence from stdin, which keeps it out of argument lists.
 *
 * @returns when the process has its input, so that this one may exit, or if it cannot be started.
 */
export async function closeLater(closing: Closing): Promise<void> {
  const child = spawn(process.execPath, [process.argv[1]!, CLOSER], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  await new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    // Without a free descriptor there is no pipe; an error event follows.
    const stdin = child.stdin as Writable | undefined;
    stdin?.on('error', () => resolve());
    stdin?.end(JSON.stringify(closing), () => resolve());
  });
}

/** Runs in that process. */
export async function runCloser(): Promise<void> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  await closeDoor(JSON.parse(text) as Closing);
}
