import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

/** In a process of its own, which it leaves without a file descriptor. */
const PROGRAM = `
  import fs from 'node:fs';
  import { closeLater } from ${JSON.stringify(path.resolve('src/login/background-close.ts'))};
  const target = { address: '127.0.0.1', family: 4, port: 9 };
  const closing = { target, steps: [], times: 1, runtimeFolder: '/', turnFile: '/', doorName: 'door' };
  const taken = [];
  try { for (;;) taken.push(fs.openSync('/dev/null')); } catch {}
  let result = 'resolved';
  try { await closeLater(closing); } catch (error) { result = error.name; }
  for (const fd of taken) fs.closeSync(fd);
  console.log(result);`;

it('does not fail where no descriptor is left to start the process that closes', () => {
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', PROGRAM];
  const argv = ['-c', 'ulimit -n 100 && exec "$@"', 'sh', ...node];
  expect(spawnSync('sh', argv, { encoding: 'utf8' }).stdout).toBe('resolved\n');
});
