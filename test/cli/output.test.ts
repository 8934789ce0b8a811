import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from './run.ts';

const COMMANDS = [
  ['--help'],
  ['--version'],
  ['list', '-F', '/nowhere/config', '--knock-config', '/nowhere/knock'],
  ['list', '--json', '-F', '/nowhere/config', '--knock-config', '/nowhere/knock'],
  ['check', '-F', 'none', '--knock-config', 'none', 'host.invalid'],
  ['generate'],
  ['generate', '--format', 'knock'],
  ['completion', 'bash'],
  ['knock', '--dry-run', '127.0.0.1', '7000'],
  ['remove', '-F', '/nowhere/config', '--knock-config', '/nowhere/knock', 'web'],
];

/** Runs it by a shell that opens its standard output. */
function sh(script: string, args: readonly string[]) {
  const all = ['-c', script, process.execPath, PROGRAM, ...args];
  const { status, stdout, stderr } = spawnSync('bash', all, { encoding: 'utf8', timeout: 20_000 });
  return { status, stdout, stderr };
}

describe.each(COMMANDS.map((args) => ({ args })))('$args', ({ args }) => {
  it.skipIf(!existsSync('/dev/full'))('to a full disk: one line, exit status 1', () => {
    const { status, stderr } = sh('exec "$0" "$@" >/dev/full', args);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'knockproxy: error: cannot write to standard output (ENOSPC)\n',
    });
  });

  it('into a reader that has left: no word, the exit status of the command', () => {
    const { status } = sh('exec "$0" "$@" >/dev/null', args);
    const script = '{ sleep 0.1; "$0" "$@"; echo "status $?" >&2; } | true';
    expect(sh(script, args).stderr).toBe(`status ${status}\n`);
  });
});
