import fs from 'node:fs';
import { requireBuiltin } from '../util/require-builtin.ts';

interface Listed {
  readonly pid: number;
  readonly parent: number;
}

/** A running process and its descendants, parents first; empty if the process does not run. */
export function processTree(pid: number): number[] {
  const all = HAS_PROC ? listProc() : listPs();
  const tree = all.some((process) => process.pid === pid) ? [pid] : [];
  for (const member of tree) {
    for (const { pid, parent } of all) if (parent === member) tree.push(pid);
  }
  return tree;
}

/** Whether the process exists and is not a zombie. */
export function isRunning(pid: number): boolean {
  return HAS_PROC ? isAlive(readStat(String(pid))) : processTree(pid).length > 0;
}

/** Linux: whether the process waits for something; false elsewhere. */
export function isSleeping(pid: number): boolean {
  return HAS_PROC && readStat(String(pid))?.[0] === 'S';
}

const HAS_PROC = fs.existsSync('/proc/self/stat');

function isAlive(fields: string[] | undefined): fields is string[] {
  return fields !== undefined && fields[0] !== 'Z' && fields[0] !== 'X';
}

/** Linux: proc(5), /proc/PID/stat: `pid (name) state ppid ...`; the name may contain any characters. */
function listProc(): Listed[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [name, readStat(name)] as const)
    .flatMap(([name, fields]) => (isAlive(fields) ? [{ pid: Number(name), parent: Number(fields[1]) }] : []));
}

function readStat(pid: string): string[] | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ', 2);
  } catch {
    return undefined;
  }
}

/** Elsewhere, ps(1) as in POSIX. */
function listPs(): Listed[] {
  const { spawnSync } = requireBuiltin<typeof import('node:child_process')>('node:child_process');
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'latin1',
    timeout: 1000,
  });
  return (stdout ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 3 && !fields[2]!.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}
