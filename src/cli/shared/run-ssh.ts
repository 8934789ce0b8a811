import { spawn } from 'node:child_process';
import { KnockproxyError } from '../../util/errors.ts';

/** Longest that `ssh -G` may take, `Match exec` included, in ms. */
const TIMEOUT_MS = 10_000;

/** Standard output of a command; empty where it cannot be run or fails. */
export function run([program = '', ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: TIMEOUT_MS });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    child.on('error', () => resolve(''));
    child.on('close', (code) => resolve(code === 0 ? text : ''));
  });
}

/** Runs a command on this terminal. @throws KnockproxyError when it fails; it has said why itself. */
export function runHere([program = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (cause) => reject(new KnockproxyError(`cannot run ${program}`, { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new KnockproxyError(`${program} failed${code === null ? '' : ` (exit status ${code})`}`));
    });
  });
}
