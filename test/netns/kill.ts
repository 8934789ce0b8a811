import { readFileSync } from 'node:fs';
import type { Host } from './host.ts';
import { mustRun } from './run.ts';

/** Kills the processes of that command name which run on one machine of a bed; returns when the signals are out. */
export async function killAll(host: Host, command: string): Promise<void> {
  const { stdout } = await mustRun(['ip', 'netns', 'pids', host.name]);
  for (const pid of stdout.split('\n').filter(Boolean).map(Number)) {
    if (commandOf(pid) === command) kill(pid);
  }
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined; // it has ended
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
