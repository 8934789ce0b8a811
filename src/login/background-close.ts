import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { CLOSER } from '../argv.ts';
import { type Closing, closeDoor } from './close-door.ts';

/**
 * Starts a process of its own that closes the door later: the login does not wait for it, and it holds neither
 * our stdout nor the session's socket. The sequence reaches it on stdin, so that it stands in no argument list.
 *
 * @returns when the process has everything it needs and ours may exit, or cannot be started.
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
    // Where no descriptor is left there is no pipe: the error that follows says so.
    const stdin = child.stdin as Writable | undefined;
    stdin?.on('error', () => resolve());
    stdin?.end(JSON.stringify(closing), () => resolve());
  });
}

/** What that process does. */
export async function runCloser(): Promise<void> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  await closeDoor(JSON.parse(text) as Closing);
}
