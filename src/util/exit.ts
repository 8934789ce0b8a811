import fs from 'node:fs';

/** The exit status that a shell reports for a signal: 128 plus its number. */
const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

/**
 * Like process.exit(), but does not wait for a pending getaddrinfo(3): exit(3) joins libuv's threads, and a lookup in
 * one of them cannot be cancelled.
 *
 * @param status during a lookup, 129, 130 and 143 end the process by the corresponding signal; other values need Node
 *   22.15 (older versions end by SIGTERM).
 */
export function exitNow(status: number): never {
  if (isLookingUp()) endDuringLookup(status);
  process.exit(status);
}

/** Like exitNow(), after the current callback: a lookup counts as pending until its callback returns. */
export async function exitSoon(status: number): Promise<never> {
  await callbackIsOver();
  exitNow(status);
}

/** Whether an abandoned lookup is still pending. */
export async function hasLookup(): Promise<boolean> {
  if (!isLookingUp()) return false;
  await callbackIsOver();
  return isLookingUp();
}

function callbackIsOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether any module of this process has a getaddrinfo(3) pending. */
function isLookingUp(): boolean {
  return process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap');
}

/** Emits 'exit' as process.exit() does, then ends the process without joining threads. */
function endDuringLookup(status: number): void {
  process.emit('exit', status);
  const signal = SIGNALS[status];
  if (signal === undefined) exitByShell(status);
  for (const name of [signal ?? 'SIGTERM', 'SIGKILL'] as const) {
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  }
}

/** execve(2) ends all threads; the shell then exits with `status`. */
function exitByShell(status: number): void {
  const { execve } = process as { execve?: (file: string, args: readonly string[]) => never };
  try {
    fs.accessSync(SHELL, fs.constants.X_OK);
    execve?.call(process, SHELL, ['sh', '-c', `exit ${status}`]);
  } catch {}
}

const SHELL = '/bin/sh';
