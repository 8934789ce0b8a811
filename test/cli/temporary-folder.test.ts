import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../unit/temporary-folder.ts';
import { run, start } from './run.ts';

const SET_UP = ['generate', 'server.example', '--ssh', '--yes', '--server', 'nftables'];

/** Options for a configuration in a folder of the test. */
function files(folder: string): string[] {
  return ['-F', path.join(folder, 'config'), '--knock-config', path.join(folder, 'knock_config')];
}

it.each([
  ['missing', 'ENOENT', () => {}],
  ['a file', 'ENOTDIR', (at: string) => fs.writeFileSync(at, '')],
])('a TMPDIR that is %s is one line, and nothing is changed', async (_, code, make) => {
  const folder = temporaryFolder();
  const TMPDIR = path.join(folder, 'tmp');
  make(TMPDIR);
  const { stdout, stderr, ...ended } = await run([...SET_UP, ...files(folder)], { env: { TMPDIR } });
  expect({ stdout, code: ended.code }).toEqual({ stdout: '', code: 1 });
  expect(stderr).toBe(
    `knockproxy: error: cannot create a directory in ${TMPDIR} (${code})\n` +
      'knockproxy: hint: set TMPDIR to a directory that exists and that you can write to\n',
  );
  expect(fs.existsSync(path.join(folder, 'config'))).toBe(false);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'leaves no secret in TMPDIR when %s ends it',
  async (signal) => {
    const folder = temporaryFolder();
    const bin = path.join(folder, 'bin');
    const TMPDIR = path.join(folder, 'tmp');
    for (const each of [bin, TMPDIR]) fs.mkdirSync(each);
    fs.writeFileSync(path.join(bin, 'ssh'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    fs.writeFileSync(path.join(bin, 'scp'), '#!/bin/sh\nexec sleep 10\n', { mode: 0o755 });
    const child = start([...SET_UP, ...files(folder)], { TMPDIR, PATH: `${bin}:${process.env.PATH}` });
    const exited = once(child, 'exit');
    const copies = () =>
      fs.readdirSync(TMPDIR).some((name) => fs.existsSync(path.join(TMPDIR, name, 'server')));
    while (!copies()) await sleep(20);
    child.kill(signal);
    expect((await exited)[1]).toBe(signal);
    expect(fs.readdirSync(TMPDIR)).toEqual([]);
  },
);
