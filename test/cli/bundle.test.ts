import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { expect, it } from 'vitest';
import { PROGRAM } from './run.ts';

/** Loads the built program as Node does for ssh and lists every file it asked for. */
const LIST_LOADED = `
  const program = process.argv[1];
  const { Module } = require('node:module');
  const load = Module._load;
  const asked = [];
  Module._load = function (request, ...rest) { asked.push(request); return load.call(this, request, ...rest); };
  process.on('exit', () => require('node:fs').writeSync(3, JSON.stringify(asked)));
  process.argv = [process.argv[0], program, '--knock-config', 'none', '-F', 'none', '127.0.0.1', '1'];
  require(program);
`;

it('the path that ssh runs loads one small file, Node itself and nothing else', () => {
  const { output } = spawnSync(process.execPath, ['-e', LIST_LOADED, PROGRAM], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 10_000,
  });
  const asked = JSON.parse(output[3]!) as string[];
  expect(asked.filter((name) => !name.startsWith('node:'))).toEqual([PROGRAM]);
  expect(fs.statSync(PROGRAM).size).toBeLessThan(105_000);
});
