import fs from 'node:fs';

/** What a shell makes of the signals that end a login: 128 and the signal's number. */
const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

/**
 * Ends the process like process.exit(), and at once while a name server does not answer: exit(3) joins libuv's
 * threads, and a getaddrinfo(3) in one of them cannot be cancelled.
 *
 * @param status during a lookup 129, 130 and 143 end the process by their signal. Other values need Node 22.15 or
 *   newer then; before that the process ends by SIGTERM.
 */
export function exitNow(status: number): never {
  if (isLookingUp()) endDuringLookup(status);
  process.exit(status);
}

/** The same once the callback that runs is over: it may be that of a lookup, which counts as pending until then. */
export async function exitSoon(status: number): Promise<never> {
  await callbackIsOver();
  exitNow(status);
}

/** Whether a lookup goes on that nobody waits for any more. */
export async function hasLookup(): Promise<boolean> {
  if (!isLookingUp()) return false;
  await callbackIsOver();
  return isLookingUp();
}

function callbackIsOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether a getaddrinfo(3) of this process is pending, whichever module has asked for it. */
function isLookingUp(): boolean {
  return process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap');
}

/** What process.exit() does before it calls exit(3), then an end that joins no thread. */
function endDuringLookup(status: number): void {
  process.emit('exit', status);
  const signal = SIGNALS[status];
  if (signal === undefined) exitByShell(status);
  for (const name of [signal ?? 'SIGTERM', 'SIGKILL'] as const) {
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  }
}

/** execve(2) ends all threads, and a shell has the right exit status. */
function exitByShell(status: number): void {
  const { execve } = process as { execve?: (file: string, args: readonly string[]) => never };
  try {
    fs.accessSync(SHELL, fs.constants.X_OK);
    execve?.call(process, SHELL, ['sh', '-c', `exit ${status}`]);
  } catch {}
}

const SHELL = '/bin/sh';
