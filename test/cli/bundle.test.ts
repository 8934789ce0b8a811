import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PROGRAM } from './run.ts';

/** Loads the built program as Node does for ssh and lists every file it asked for. */
const LIST_LOADED = `
  const [node, program, port] = process.argv;
  const { Module } = require('node:module');
  const load = Module._load;
  const asked = [];
  Module._load = function (request, ...rest) { asked.push(request); return load.call(this, request, ...rest); };
  process.on('exit', () => require('node:fs').writeSync(3, JSON.stringify(asked)));
  process.argv = [node, program, '--knock-config', 'none', '-F', 'none', '127.0.0.1', port];
  require(program);
`;

/** What the program asked for, but for Node's own modules, and its exit status. */
async function loadedBy(port: number): Promise<{ asked: string[]; code: number }> {
  const child = spawn(process.execPath, ['-e', LIST_LOADED, PROGRAM, String(port)], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let text = '';
  (child.stdio[3] as net.Socket).setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  const asked = (JSON.parse(text) as string[]).filter((name) => !name.startsWith('node:'));
  return { asked, code };
}

it('the path that ssh runs loads one small file, Node itself and nothing else', async () => {
  const server = net.createServer((socket) => socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await loadedBy(port)).toEqual({ asked: [PROGRAM], code: 0 });
  server.close();
  expect(fs.statSync(PROGRAM).size).toBeLessThan(105_000);
});

it('a login that fails loads its messages too, and no package', async () => {
  const { asked, code } = await loadedBy(1);
  expect(new Set(asked.map((name) => path.basename(name)))).toEqual(new Set(['knockproxy.cjs', 'core.cjs']));
  expect(code).toBe(1);
});
