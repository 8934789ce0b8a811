import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

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

/** Starts the closing process, in whose place a script writes its process id and its process group to stdout's file. */
const GROUP = `
  import { closeLater } from ${JSON.stringify(path.resolve('src/login/background-close.ts'))};
  process.argv[1] = process.argv.at(-1);
  const target = { address: '127.0.0.1', family: 4, port: 9 };
  await closeLater({ target, steps: [], times: 1, runtimeFolder: '/', lockFile: '/', doorName: 'door' });`;

/** Ctrl-C and a hang-up of the terminal go to the whole process group. */
it.skipIf(process.platform === 'win32')('closes in a process group of its own', async () => {
  const folder = temporaryFolder();
  const [script, result] = [path.join(folder, 'closer.cjs'), path.join(folder, 'group')];
  const ps = `require('child_process').execFileSync('ps', ['-o', 'pgid=', '-p', String(process.pid)])`;
  const text = `process.pid + ' ' + String(${ps}).trim()`;
  const written = `fs.writeFileSync(${JSON.stringify(`${result}.new`)}, ${text})`;
  const renamed = `fs.renameSync(${JSON.stringify(`${result}.new`)}, ${JSON.stringify(result)})`;
  fs.writeFileSync(script, `const fs = require('fs'); ${written}; ${renamed};`);
  const node = ['--import', 'tsx', '--input-type=module', '-e', GROUP, script];
  expect(spawnSync(process.execPath, node, { encoding: 'utf8' }).stderr).toBe('');
  while (!fs.existsSync(result)) await new Promise((resolve) => setTimeout(resolve, 20));
  const [pid, group] = fs.readFileSync(result, 'utf8').split(' ');
  expect(group).toBe(pid);
});
